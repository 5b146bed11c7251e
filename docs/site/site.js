// Names the search for screen readers, and lets the keyboard reach what scrolls sideways.
document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
const reachable = () => {
  for (const part of document.querySelectorAll(".md-typeset__scrollwrap, pre > code")) {
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
};
addEventListener("resize", reachable);
addEventListener("load", reachable);
reachable();
