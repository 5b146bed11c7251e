// The page of a blinded study. With a server, votes go to it one by one; without one (static export, `window.STUDY`),
// they stay in the browser's storage until the rater saves them as a file. Text is only ever set as text.
(function () {
  "use strict";
  const $ = (id) => document.getElementById(id);

  async function request(path, content) {
    const options = content && {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content),
    };
    let response;
    try {
      response = await fetch(path, options);
    } catch (error) {
      throw new Error("The server does not answer. Your votes so far are stored: please try again.");
    }
    const answer = await response.json().catch(() => ({}));
    // 409: this vote was stored already, and its answer got lost on the way here
    if (!response.ok && response.status !== 409) throw new Error(answer.error || "Something went wrong: please try again.");
    return answer;
  }

  const server = {
    state: () => request("api/state"),
    join: (invite) => request("api/join", { consent: true, invite: invite }),
    vote: (item, place) => request("api/vote", { item: item, place: place }),
  };

  function browser(study) {
    const slot = "votes-" + study.id;
    const read = () => JSON.parse(localStorage.getItem(slot) || "null");
    const write = (votes) => localStorage.setItem(slot, JSON.stringify(votes));
    return {
      state: async function () {
        const votes = read();
        if (!votes) return { joined: false, invite: false, consent: study.consent, size: study.size };
        const items = new Map(study.items.map((item) => [item.id, item]));
        return {
          joined: true, size: study.size, answered: votes.votes, answers: votes,
          items: study.parts[votes.part].map((id) => items.get(id)),
        };
      },
      join: async function () {
        // `?part=3` in the address gives a certain part; else one is drawn
        const asked = Number(new URLSearchParams(location.search).get("part"));
        const known = Number.isInteger(asked) && asked >= 1 && asked <= study.parts.length;
        const part = known ? asked - 1 : Math.floor(Math.random() * study.parts.length);
        const rater = Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
        write({ study: study.id, rater: rater, part: part, votes: {} });
      },
      vote: async function (item, place) {
        const votes = read();
        if (!(item in votes.votes)) votes.votes[item] = place;
        write(votes);
      },
    };
  }

  const backend = window.STUDY ? browser(window.STUDY) : server;
  let state, current, busy = false;

  function show(name) {
    for (const id of ["welcome", "item", "done"]) $(id).hidden = id !== name;
  }

  function report(error) {
    $("problem").textContent = error ? error.message : "";
    $("problem").hidden = !error;
  }

  function image(element, file) {
    element.src = file;
    element.className = state.size < 128 ? "small" : "";
  }

  function next() {
    const open = state.items.filter((item) => !(item.id in state.answered));
    if (!open.length) return finish();
    current = open[0];
    const done = state.items.length - open.length;
    $("place").textContent = "Comparison " + (done + 1) + " of " + state.items.length;
    $("progress").max = state.items.length;
    $("progress").value = done;
    $("target").textContent = current.target;
    $("last").textContent = current.outputs.length;
    image($("input"), current.input);
    $("choices").replaceChildren(...current.outputs.map(function (file, place) {
      const button = document.createElement("button"), picture = document.createElement("img");
      button.type = "button";
      picture.alt = "Version " + (place + 1);
      image(picture, file);
      const key = document.createElement("kbd");
      key.textContent = place + 1;
      key.setAttribute("aria-hidden", "true");
      button.append(picture, key);
      button.addEventListener("click", () => vote(place));
      return button;
    }));
    show("item");
    $("question").focus();
    if (open[1]) for (const file of [open[1].input, ...open[1].outputs]) new Image().src = file;
  }

  function finish() {
    if (state.answers) {
      const file = new Blob([JSON.stringify(state.answers)], { type: "application/json" });
      $("answers").href = URL.createObjectURL(file);
      $("answers").download = "answers-" + state.answers.rater + ".json";
      $("send").hidden = false;
      $("stored").hidden = true;
    }
    show("done");
    $("done").querySelector("h1").focus();
  }

  async function vote(place) {
    if (busy || $("item").hidden) return;
    busy = true; // a double click or a held key is one vote
    try {
      const answer = await backend.vote(current.id, place);
      state.answered[current.id] = answer && "place" in answer ? answer.place : place;
      if (state.answers) state.answers = (await backend.state()).answers;
      report(null);
      next();
    } catch (error) {
      report(error);
    } finally {
      busy = false;
    }
  }

  async function start() {
    try {
      state = await backend.state();
      report(null);
    } catch (error) {
      return report(error);
    }
    if (state.joined) return next();
    $("consent").textContent = state.consent;
    $("invite-field").hidden = !state.invite;
    $("invite").required = Boolean(state.invite);
    show("welcome");
  }

  $("join").addEventListener("submit", async function (event) {
    event.preventDefault();
    try {
      await backend.join($("invite").value.trim());
    } catch (error) {
      return report(error);
    }
    start();
  });
  $("unsure").addEventListener("click", () => vote(null));
  document.addEventListener("keydown", function (event) {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || $("item").hidden) return;
    const place = /^[0-9]$/.test(event.key) ? Number(event.key) : -1;
    if (place === 0) vote(null);
    else if (place >= 1 && place <= current.outputs.length) vote(place - 1);
  });
  start();
})();
