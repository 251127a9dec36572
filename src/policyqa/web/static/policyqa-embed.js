// For portals: frames the page in every <div data-policyqa="https://…/"> (docs/embedding.md).
(() => {
  "use strict";
  const TITLE = "政策文書検索";
  const NAMES = ["q", "document", "publisher", "kind", "from", "to", "as_of", "passage"];
  const FIRST_HEIGHT = 600;
  const LARGEST_HEIGHT = 30000;

  // Only the page's own parameters pass between the two addresses.
  const copyKnown = (from, to) => {
    for (const name of NAMES) {
      to.delete(name);
      for (const value of from.getAll(name)) to.append(name, value);
    }
  };

  const setHeight = (frame, height) => {
    if (!Number.isFinite(height) || height <= 0) return;
    frame.style.height = `${Math.min(Math.ceil(height), LARGEST_HEIGHT)}px`;
  };

  const setAddress = (search) => {
    if (typeof search !== "string") return;
    const address = new URL(location.href);
    copyKnown(new URLSearchParams(search), address.searchParams);
    history.replaceState(history.state, "", address);
  };

  const embed = (place) => {
    const address = new URL(place.dataset.policyqa, document.baseURI);
    if (!/^https?:$/.test(address.protocol) || place.querySelector("iframe")) return;
    copyKnown(new URLSearchParams(location.search), address.searchParams);
    const frame = document.createElement("iframe");
    frame.title = TITLE;
    frame.allow = "clipboard-write";
    frame.referrerPolicy = "origin";
    frame.style.cssText = `display: block; width: 100%; border: 0; height: ${FIRST_HEIGHT}px`;
    window.addEventListener("message", ({ source, origin, data }) => {
      if (source !== frame.contentWindow || origin !== address.origin) return;
      if (data?.type === "policyqa:height") setHeight(frame, data.height);
      if (data?.type === "policyqa:address") setAddress(data.search);
    });
    frame.src = address;
    place.append(frame);
  };

  document.querySelectorAll("[data-policyqa]").forEach(embed);
})();
