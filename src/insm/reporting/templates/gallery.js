(function () {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const content = JSON.parse($("content").textContent);
  const attributes = content.attributes, variants = content.variants;
  const COLOURS = ["#0173b2", "#c25d00", "#027a59", "#b3267a", "#8a5a2b", "#6a51a3", "#505050", "#99006b", "#00768a"];
  let chosen = 0;

  function element(name, text, parent) {
    const made = document.createElement(name);
    if (text !== undefined && text !== null) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  // A part of a sprite: an image with a text for those who cannot see it, or without one where a button has it.
  function picture(sprite, row, column, columns, text) {
    const made = document.createElement("span");
    made.className = content.size < 128 ? "picture pixels" : "picture";
    made.style.backgroundImage = "url(" + sprite + ")";
    made.style.backgroundSize = "calc(var(--cell) * " + columns + ") auto";
    made.style.backgroundPosition = "calc(var(--cell) * " + -column + ") calc(var(--cell) * " + -row + ")";
    if (text) {
      made.setAttribute("role", "img");
      made.setAttribute("aria-label", text);
    }
    return made;
  }

  function tip(target, text) {
    const show = function () {
      const box = target.getBoundingClientRect();
      $("tip").textContent = text;
      $("tip").hidden = false;
      const width = $("tip").offsetWidth, height = $("tip").offsetHeight;
      const below = box.bottom + height + 8 < innerHeight;
      $("tip").style.left = Math.max(4, Math.min(box.left, innerWidth - width - 4)) + "px";
      $("tip").style.top = (below ? box.bottom + 4 : Math.max(4, box.top - height - 4)) + "px";
    };
    const hide = () => ($("tip").hidden = true);
    for (const event of ["mouseenter", "focus"]) target.addEventListener(event, show);
    for (const event of ["mouseleave", "blur", "click"]) target.addEventListener(event, hide);
  }

  function grid() {
    const table = document.createElement("table"), variant = variants[chosen];
    const head = element("tr", null, element("thead", null, table));
    for (const name of ["input", ...attributes]) element("th", name, head).scope = "col";
    const body = element("tbody", null, table);
    content.images.forEach(function (image, i) {
      const row = element("tr", null, body), first = element("th", null, row);
      first.scope = "row";
      first.append(picture(content.input, i, 0, 1, "test image " + image));
      attributes.forEach(function (_, k) {
        const cell = element("td", null, row);
        if (variant.scores[i][k] === null) {
          const none = element("span", "-", cell);
          none.className = "none";
          return;
        }
        const button = element("button", null, cell);
        const text = content.targets[i][k] + ": " + variant.scores[i][k];
        button.type = "button";
        button.className = "cell";
        button.setAttribute("aria-label", "image " + image + ", " + text);
        button.append(picture(variant.sprite, i, k, attributes.length));
        if (content.truth) {
          const truth = picture(content.truth, i, k, attributes.length);
          truth.classList.add("true");
          button.append(truth);
        }
        button.addEventListener("click", () => detail(i, k));
        tip(button, text);
      });
    });
    $("grid").replaceChildren(table);
  }

  function detail(i, k) {
    $("detail-title").textContent = "Test image " + content.images[i] + ": " + content.targets[i][k];
    const list = $("detail-images");
    list.replaceChildren();
    function add(name, sprite, column, columns, scores) {
      const item = element("li", null, list);
      item.append(picture(sprite, i, column, columns, name));
      element("p", name, item).style.fontWeight = "600";
      if (scores) element("p", scores, item);
    }
    add("input", content.input, 0, 1);
    if (content.truth) add("truth", content.truth, k, attributes.length);
    for (const variant of variants) {
      if (variant.scores[i][k] !== null) add(variant.name, variant.sprite, k, attributes.length, variant.scores[i][k]);
    }
    $("detail").showModal();
  }

  function cases(id, found) {
    $(id).replaceChildren(...found.edits.map(function (edit, row) {
      const item = document.createElement("li"), columns = content.truth ? 3 : 2;
      ["input", "output", "truth"].slice(0, columns).forEach(function (name, k) {
        item.append(picture(found.sprite, row, k, columns, name + " of image " + edit.image));
      });
      element("p", "image " + edit.image + ", " + edit.target + ": " + edit.scores, item);
      return item;
    }));
  }

  function step() {
    const steps = variants[chosen].steps, frame = steps[Number($("step").value)];
    $("steps-section").hidden = !steps.length;
    $("step-field").hidden = steps.length < 2;
    if (!frame) return;
    $("step-value").textContent = frame.step;
    const image = $("step-image");
    image.src = frame.image;
    image.alt = "Sample grid of " + variants[chosen].name + ", " + frame.step;
    image.className = content.size < 128 ? "pixels" : "";
  }

  function choose(place) {
    chosen = place;
    $("variant").value = place;
    const hop = content.hops.findIndex((row) => row.variant === place);
    if (hop >= 0) $("hops").value = hop;
    $("hops-value").textContent = hop >= 0 ? content.hops[hop].hops : "not one of them";
    $("step").max = Math.max(0, variants[place].steps.length - 1);
    $("step").value = $("step").max;
    grid();
    cases("best", variants[place].best);
    cases("worst", variants[place].worst);
    cases("missed", variants[place].missed);
    $("missed-share").textContent = variants[place].missed.share;
    step();
  }

  function svg(name, settings, parent) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in settings) made.setAttribute(key, settings[key]);
    if (parent) parent.append(made);
    return made;
  }

  function number(value) {
    return Math.abs(value) >= 1e4 || (value && Math.abs(value) < 1e-3) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
  }

  function plot() {
    const curve = content.curves[Number($("curve").value)];
    const width = Math.max(280, Math.min(800, $("plot").clientWidth)); // so that text has its own size on a phone too
    const height = 320, left = 60, right = 24, top = 10, bottom = 40;
    const last = Math.max(...curve.lines.map((line) => line.steps[line.steps.length - 1])) || 1;
    const span = curve.high - curve.low || 1;
    const x = (value) => left + (width - left - right) * value / last;
    const y = (value) => top + (height - top - bottom) * (1 - Math.min(1, Math.max(0, (value - curve.low) / span)));
    const figure = svg("svg", { viewBox: "0 0 " + width + " " + height, role: "img", "aria-label": curve.name + " over training steps" });
    for (let k = 0; k <= 4; k++) {
      const value = curve.low + span * k / 4, at = Math.round(last * k / 4);
      svg("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), stroke: "#ddd" }, figure);
      svg("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end", "font-size": 12 }, figure).textContent = number(value);
      svg("text", { x: x(at), y: height - bottom + 18, "text-anchor": "middle", "font-size": 12 }, figure).textContent = at;
    }
    svg("text", { x: (left + width) / 2, y: height - 4, "text-anchor": "middle", "font-size": 13 }, figure).textContent = "step";
    $("legend").replaceChildren();
    curve.lines.forEach(function (line) {
      const place = variants.findIndex((variant) => variant.name === line.label);
      const look = {
        stroke: COLOURS[place % COLOURS.length], "stroke-width": 2, fill: "none",
        "stroke-dasharray": ["", "7 3", "2 3"][Math.floor(place / COLOURS.length) % 3],
      };
      svg("polyline", Object.assign({ points: line.steps.map((at, k) => x(at) + "," + y(line.values[k])).join(" ") }, look), figure);
      if (line.steps.length === 1) svg("circle", { cx: x(line.steps[0]), cy: y(line.values[0]), r: 4, fill: look.stroke }, figure);
      const item = element("li", null, $("legend"));
      svg("line", Object.assign({ x1: 0, x2: 20, y1: 3, y2: 3 }, look), svg("svg", { viewBox: "0 0 20 6", "aria-hidden": "true" }, item));
      item.append(line.label);
    });
    $("plot").replaceChildren(figure);
  }

  variants.forEach((variant, place) => (element("option", variant.name, $("variant")).value = place));
  $("variant").addEventListener("change", () => choose(Number($("variant").value)));
  $("hops-field").hidden = $("hops-note").hidden = !content.hops.length;
  $("hops").max = content.hops.length - 1;
  $("hops").addEventListener("input", () => choose(content.hops[Number($("hops").value)].variant));
  $("truth-field").hidden = !content.truth;
  $("truth").addEventListener("change", () => $("grid").classList.toggle("with-truth", $("truth").checked));
  $("and-truth").textContent = content.truth ? " and truth" : "";
  $("criterion").textContent = content.order[0] === "counterfactual_l1" ? "the smallest and largest distance to the truth"
    : "those that are classified as the target and change least, and those that are not";
  $("grid").classList.toggle("strips", attributes.length === 1);
  $("step").addEventListener("input", step);
  $("rows").textContent = attributes.join(", ");
  content.curves.forEach((curve, k) => (element("option", curve.name, $("curve")).value = k));
  $("curve").addEventListener("change", plot);
  addEventListener("resize", () => content.curves.length && plot());
  if (content.curves.length) plot();
  choose(content.start);
})();
