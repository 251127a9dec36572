"use strict";
// Enter that only confirms a Japanese conversion must not submit the question: Gradio's text box
// submits on keypress without asking whether a conversion is being composed.
for (const type of ["keydown", "keypress"]) {
  document.addEventListener(type, (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) {
      event.stopImmediatePropagation();
    }
  }, true);
}

// Gradio sets the page's language to the browser's and turns dark with the system; the page is
// Japanese and light. Results are announced.
const settle = () => {
  if (document.documentElement.lang !== "ja") document.documentElement.lang = "ja";
  // Only where it is there: removing sets the attribute anew each time, which calls this again.
  if (document.body?.classList.contains("dark")) document.body.classList.remove("dark");
  const results = document.getElementById("pq-results");
  if (results && !results.hasAttribute("aria-live")) results.setAttribute("aria-live", "polite");
};
new MutationObserver(settle).observe(document.documentElement, {
  attributes: true, attributeFilter: ["lang", "class"], childList: true, subtree: true,
});
settle();
