"use strict";
// The buttons in results and in the list of documents: copy, context, feedback, outlines.
(() => {
  const { words } = policyqa;

  // What happened is said beside the button, and to screen readers.
  const announcer = document.createElement("p");
  announcer.className = "pq-announcer";
  announcer.setAttribute("role", "status");
  document.body.append(announcer);
  const note = (button, text) => {
    const row = button.closest(".pq-acts, .pq-reason");
    let place = row.nextElementSibling;
    if (!place?.classList.contains("pq-note")) {
      place = document.createElement("p");
      place.className = "pq-note";
      row.after(place);
    }
    place.textContent = text;
    announcer.textContent = "";
    setTimeout(() => { announcer.textContent = text; }, 50);
  };

  const request = async (address, options) => {
    const response = await fetch(address, options);
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    return response;
  };
  const post = (address, body) => request(address, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const asked = () => document.getElementById("pq-asked").textContent;

  // Without a permission for the clipboard (plain http, frames) a selection can still be copied.
  const copySelected = (text) => {
    const focused = document.activeElement;
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "pq-announcer";
    document.body.append(area);
    area.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch { done = false; }
    area.remove();
    focused?.focus({ preventScroll: true });
    return done;
  };
  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copySelected(text);
    }
  };
  const copy = async (button) => {
    const citation = document.getElementById(button.value);
    if (await copied(citation.textContent)) {
      note(button, words.copied);
      return;
    }
    citation.classList.add("pq-shown");
    getSelection().selectAllChildren(citation);
    note(button, words.notCopied);
  };

  const context = async (button) => {
    const row = button.closest(".pq-acts");
    const shown = row.parentElement.querySelector(".pq-around");
    if (shown) {
      shown.hidden = !shown.hidden;
      expanded(button, !shown.hidden);
      return;
    }
    button.disabled = true;
    try {
      const response = await request(`part/context/${encodeURIComponent(button.value)}`);
      const place = document.createElement("div");
      place.className = "pq-around";
      place.innerHTML = await response.text();
      row.after(place);
      expanded(button, true);
    } catch {
      note(button, words.contextFailed);
    }
    button.disabled = false;
    button.focus({ preventScroll: true });
  };
  const expanded = (button, open) => {
    button.dataset.show ??= button.textContent;
    button.textContent = open ? words.contextHide : button.dataset.show;
    button.setAttribute("aria-expanded", String(open));
  };

  const judge = async (button, verdict) => {
    const form = button.closest("form");
    const { passage, reason } = form.elements;
    const body = { question: asked(), verdict, reason: reason.value, passage: passage.value };
    try {
      await post("part/feedback", body);
      for (const one of form.querySelectorAll(".pq-verdict")) one.disabled = true;
      form.querySelector(".pq-reason").hidden = true;
      note(form.querySelector(".pq-verdict"), words.feedbackSent);
    } catch {
      note(button, words.feedbackFailed);
    }
  };
  const verdict = (button) => {
    if (button.value === "up") {
      judge(button, "up");
      return;
    }
    const reason = button.closest("form").querySelector(".pq-reason");
    reason.hidden = false;
    button.setAttribute("aria-expanded", "true");
    reason.querySelector("input").focus();
  };
  const addCase = async (button) => {
    button.disabled = true;
    try {
      await post("part/case", { question: asked(), passage: button.value || null });
      note(button, words.caseAdded);
    } catch {
      button.disabled = false;
      note(button, words.caseFailed);
    }
  };
  const clear = (button) => location.assign(button.value);

  const actions = { copy, context, verdict, case: addCase, clear };
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button.pq-act");
    for (const [name, act] of Object.entries(actions)) {
      if (button?.classList.contains(`pq-${name}`)) act(button);
    }
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".pq-judge")) return;
    event.preventDefault();
    judge(event.target.querySelector("[type=submit]"), "down");
  });

  // The toggle event does not bubble.
  document.addEventListener("toggle", async (event) => {
    const { target } = event;
    if (!target.matches?.("details.pq-outline") || !target.open) return;
    const place = target.querySelector("div");
    if (place.childElementCount) return;
    place.textContent = words.loading;
    try {
      const response = await request(`part/outline/${target.id.replace("pq-outline-", "")}`);
      place.innerHTML = await response.text();
    } catch {
      place.textContent = words.outlineFailed;
    }
  }, true);
})();
