// What the page tells a portal that frames it: its height and its address (docs/embedding.md).
// Messages go to the framing page's own origin, and only where the server lists that origin.
(() => {
  "use strict";
  if (window.parent === window) return;

  const listed = () => {
    const meta = document.querySelector('meta[name="policyqa-frame-ancestors"]');
    return [location.origin, ...meta.content.split(" ")];
  };

  // Firefox has no ancestorOrigins; the frame's referrer policy makes the referrer the origin.
  const parentOrigin = () => {
    if (location.ancestorOrigins?.length) return location.ancestorOrigins[0];
    return document.referrer ? new URL(document.referrer).origin : "";
  };

  const target = parentOrigin();
  if (!listed().includes(target)) return;
  const tell = (message) => window.parent.postMessage(message, target);

  // Body and Gradio's own wrappers fill the frame and never shrink; what stands in them does.
  const CONTENT = "main.contain > *";
  let height = 0;
  const measure = () => {
    const parts = [...document.querySelectorAll(CONTENT)];
    if (!parts.length) return;
    const top = Math.min(...parts.map((part) => part.getBoundingClientRect().top));
    const bottom = Math.max(...parts.map((part) => part.getBoundingClientRect().bottom));
    // The room above the content is left below it, too.
    const now = Math.ceil(bottom + top + 2 * window.scrollY);
    if (now === height) return;
    height = now;
    tell({ type: "policyqa:height", height });
  };
  const sizes = new ResizeObserver(measure);
  const followed = new WeakSet();
  const follow = () => {
    for (const part of document.querySelectorAll(CONTENT)) {
      if (followed.has(part)) continue;
      followed.add(part);
      sizes.observe(part);
    }
  };
  new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });
  follow();

  let search = location.search;
  const tellAddress = () => {
    if (location.search === search) return;
    search = location.search;
    tell({ type: "policyqa:address", search });
  };
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = (...values) => {
      original.apply(history, values);
      tellAddress();
    };
  }
  window.addEventListener("popstate", tellAddress);
})();
