"use strict";
// Asking: what the page says meanwhile, its address, and what Gradio does not do by itself.
const policyqa = (() => {
  const words = JSON.parse(document.getElementById("pq-words").textContent);
  const LONGEST_WAIT = 60000; // milliseconds
  const find = (selector) => document.querySelector(selector);
  const box = () => find("#pq-question input, #pq-question textarea");

  // Enter that only confirms a Japanese conversion must not submit the question: Gradio's text box
  // submits on keypress without asking whether a conversion is being composed.
  for (const type of ["keydown", "keypress"]) {
    document.addEventListener(type, (event) => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) {
        event.stopImmediatePropagation();
      }
    }, true);
  }

  // Searching: from the click or Enter until the results, or a problem, are another.
  let waiting = 0;
  let lost = false; // the focus, with the button that is disabled meanwhile
  let seen = "";
  const given = new URLSearchParams(location.search);
  let arriving = given.has("q");
  // What an address says is put into the fields, and asked, by the server.
  let arrives = given.size > 0;
  let joined = false;
  const arrive = () => {
    if (joined) return;
    find("#pq-arrive").click();
    setTimeout(arrive, 300);
  };
  let target = given.get("passage");
  // In a portal's frame the focus stays with the portal.
  let focuses = window.parent === window && !arriving;

  const say = (text, failed) => {
    const status = find("#pq-status");
    if (!status) return;
    status.textContent = text;
    status.classList.toggle("pq-failed", Boolean(failed));
  };
  const setBusy = (busy) => {
    document.body.classList.toggle("pq-searching", busy);
    for (const button of document.querySelectorAll("#pq-ask, #pq-more")) button.disabled = busy;
    find("#pq-results")?.setAttribute("aria-busy", String(busy));
  };
  const begin = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => end(words.gone, true), LONGEST_WAIT);
    find("#pq-problem")?.classList.add("pq-past");
    lost = Boolean(document.activeElement?.closest("#pq-ask, #pq-more"));
    setBusy(true);
    say(words.searching);
  };
  const end = (text, failed) => {
    const focused = document.activeElement;
    clearTimeout(waiting);
    waiting = 0;
    setBusy(false);
    say(text, failed);
    // Who arrives by a link, in a portal's frame above all, has had no focus to lose.
    if (lost && (!focused || focused === document.body)) {
      find("#pq-ask")?.focus({ preventScroll: true });
    }
    lost = false;
  };
  const fail = (text) => { if (waiting) end(text, true); };

  const stamps = () => ["#pq-problem", "#pq-results", "#pq-further"]
    .map((part) => find(`${part} [id^="pq-new-"]`)?.id).join();

  const answered = () => {
    const problem = find("#pq-problem .pq-problem");
    const summaries = document.querySelectorAll(".pq-summary");
    find("#pq-problem")?.classList.remove("pq-past");
    box()?.setAttribute("aria-invalid", String(Boolean(problem)));
    end(problem ? "" : summaries[summaries.length - 1]?.textContent ?? "");
    const address = find("#pq-results .pq-permalink a")?.getAttribute("href");
    if (address) history.replaceState(null, "", address);
    arriving = false;
  };
  const pointOut = () => {
    const place = target && document.getElementById(`pq-passage-${target}`);
    if (!place) return;
    target = null;
    place.classList.add("pq-target");
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: "start" });
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#pq-ask, #pq-more")) begin();
    const example = event.target.closest?.(".pq-example");
    if (example) ask(example.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === box()) begin();
  });
  const ask = (question) => {
    box().value = question;
    box().dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => find("#pq-ask").click());
  };

  // Gradio says in English that its queue is full or the server is gone.
  const fetching = window.fetch;
  window.fetch = async (input, options) => {
    const asks = String(input.url ?? input).includes("/queue/join");
    joined ||= asks;
    try {
      const response = await fetching(input, options);
      if (asks && !response.ok) fail([429, 503].includes(response.status) ? words.busy : words.failed);
      return response;
    } catch (error) {
      if (asks) fail(words.gone);
      throw error;
    }
  };

  // Gradio sets the page's language to the browser's and turns dark with the system; the page is
  // Japanese and light. Its toasts are hidden: what they say is said below the box.
  const settle = () => {
    if (document.documentElement.lang !== "ja") document.documentElement.lang = "ja";
    // Even to remove a class that is not there counts as a change, and calls this again.
    if (document.body?.classList.contains("dark")) document.body.classList.remove("dark");
    for (const day of document.querySelectorAll('.pq-day input:not([type="date"])')) day.type = "date";
    if (arriving && !waiting && find("#pq-status")) begin();
    if (focuses && box()) {
      focuses = false;
      box().focus();
    }
    if (arrives && find("#pq-arrive")) {
      arrives = false;
      arrive();
    }
    const now = stamps();
    if (now !== seen) {
      seen = now;
      answered();
    } else if (find(".toast-body.error")) fail(words.failed);
    pointOut();
  };
  new MutationObserver(settle).observe(document.documentElement, {
    attributes: true, attributeFilter: ["lang", "class"], childList: true, subtree: true,
  });
  settle();
  return { words };
})();
