// The table of questions: filtered, sorted, drawn a hundred rows at a time, unfolded on demand.
"use strict";
(() => {
  const STEP = 100;
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = JSON.parse(document.getElementById("strings").textContent);
  const [RIGHT, FOUND, PROBABILITY, RANK, NDCG, F1] = [0, 1, 2, 3, 4, 5];
  const field = (id) => document.getElementById(id);
  const body = field("body");
  const more = field("more");
  const filters = field("filters");
  const columns = document.querySelectorAll("#rows thead th").length;

  const SORTED_BY = {
    id: (row) => row.number,
    right: (row) => row.now[RIGHT],
    found: (row) => row.now[FOUND],
    rank: (row) => row.now[RANK],
    ndcg: (row) => row.now[NDCG],
    f1: (row) => row.now[F1],
    probability: (row) => row.now[PROBABILITY],
    ms: (row) => row.ms,
    moved: (row) => row.m,
  };
  let order = { by: "id", down: false };
  let matching = [];
  let drawn = 0;

  // Full-width and half-width, capital and small are the same to who looks for something.
  const plain = (text) => text.normalize("NFKC").toLowerCase();
  data.rows.forEach((row, number) => {
    row.number = number;
    row.text = plain([row.id, row.q, ...row.w, ...row.e].join("\n"));
  });

  function element(name, className, ...content) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...content);
    return made;
  }

  function fill(template, values) {
    return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  const decimals = (value) => (value === null ? words.NONE : value.toFixed(3));
  const rightness = (right) => element("span", `badge ${right ? "right" : "wrong"}`, right ? words.RIGHT : words.WRONG);
  const foundness = (found) => (found ? words.FOUND : words.NOT_FOUND);
  const rankOf = (row, outcome) => (row.a ? outcome[RANK] ?? words.NOT_RANKED : "—");
  const valueOf = (value) => (value === null ? "—" : value.toFixed(3));
  const time = (row) => (row.ms === null ? "—" : `${row.ms.toFixed(0)} ${words.UNIT_MS}`);

  function matches() {
    const wanted = plain(field("words").value).split(/\s+/).filter(Boolean);
    const tag = field("tag").value;
    const right = field("right").value;
    const found = field("found").value;
    const moved = field("moved")?.value ?? "";
    return data.rows.filter(
      (row) =>
        (!tag || row.tags.includes(tag)) &&
        (!right || String(row.now[RIGHT]) === right) &&
        (!found || String(row.now[FOUND]) === found) &&
        (!moved || String(row.m) === moved) &&
        wanted.every((word) => row.text.includes(word)),
    );
  }

  function sorted(rows) {
    const key = SORTED_BY[order.by];
    const sign = order.down ? -1 : 1;
    return rows.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      // What has no value comes last, whichever way.
      if (x === null || y === null) return (x === null) - (y === null) || a.number - b.number;
      return sign * (x - y) || a.number - b.number;
    });
  }

  function show() {
    matching = sorted(matches());
    drawn = 0;
    body.replaceChildren();
    draw();
  }

  function draw() {
    const next = matching.slice(drawn, drawn + STEP);
    body.append(...next.map(line));
    drawn += next.length;
    const left = matching.length - drawn;
    more.hidden = !left;
    more.textContent = fill(words.MORE, { count: Math.min(STEP, left) });
    field("shown").textContent = matching.length
      ? fill(words.SHOWN, { all: data.rows.length, matching: matching.length, shown: drawn })
      : words.SHOWN_NONE;
    return next;
  }

  function line(row) {
    const unfold = element("button", "unfold", element("span", "question", row.q), element("span", "code", [row.id, ...row.tags].join("・")));
    unfold.type = "button";
    unfold.setAttribute("aria-expanded", "false");
    const heading = element("th", "", unfold);
    heading.scope = "row";
    const cells = [
      element("td", "", rightness(row.now[RIGHT])),
      element("td", "wide", foundness(row.now[FOUND])),
      element("td", "n", rankOf(row, row.now)),
      element("td", "n wide", valueOf(row.now[NDCG])),
      element("td", "n wide", valueOf(row.now[F1])),
      element("td", "n wide", decimals(row.now[PROBABILITY])),
      element("td", "n wide", time(row)),
    ];
    if (data.compared) cells.push(element("td", "wide", element("span", `badge move${row.m}`, words.MOVES[row.m])));
    const made = element("tr", "", heading, ...cells);
    unfold.addEventListener("click", () => toggle(unfold, made, row));
    return made;
  }

  function toggle(unfold, made, row) {
    const open = unfold.getAttribute("aria-expanded") === "true";
    unfold.setAttribute("aria-expanded", String(!open));
    if (open) {
      made.nextElementSibling.remove();
      return;
    }
    const cell = element("td", "", detail(row));
    cell.colSpan = columns;
    made.after(element("tr", "detail", cell));
  }

  function detail(row) {
    const parts = [facts(row), title(words.EXPECTED), expected(row), title(words.EVIDENCE)];
    parts.push(row.e.length ? texts(row.e) : element("p", "", words.EVIDENCE_NONE));
    parts.push(title(words.RANKED));
    parts.push(row.p.length ? element("ol", "passages", ...row.p.map(passage)) : element("p", "", words.RANKED_NONE));
    return element("div", "", ...parts);
  }

  const title = (text) => element("h3", "", text);
  const texts = (list) => element("ul", "", ...list.map((text) => element("li", "", text)));

  function expected(row) {
    if (!row.a) return element("p", "", words.EXPECTED_NONE);
    return row.w.length ? texts(row.w) : element("p", "", words.EXPECTED_PLACE);
  }

  function facts(row) {
    const list = element("dl", "facts");
    const add = (name, now, old) => {
      const value = old === undefined ? String(now) : `${old} → ${now}`;
      list.append(element("div", "", element("dt", "", name), element("dd", "", value)));
    };
    const both = (name, say) => {
      const changed = row.old && say(row.old) !== say(row.now);
      add(name, say(row.now), changed ? say(row.old) : undefined);
    };
    both(words.FILTER_RIGHT, (outcome) => (outcome[RIGHT] ? words.RIGHT : words.WRONG));
    both(words.FILTER_FOUND, (outcome) => foundness(outcome[FOUND]));
    both(words.PROBABILITY, (outcome) => decimals(outcome[PROBABILITY]));
    both(words.RANK, (outcome) => rankOf(row, outcome));
    both("nDCG@10", (outcome) => valueOf(outcome[NDCG]));
    both("F1", (outcome) => valueOf(outcome[F1]));
    add(words.TIME, time(row));
    return list;
  }

  function passage([number, gold, score, signals]) {
    const [citation, text] = data.passages[number];
    const heading = element("p", "citation", citation);
    if (gold) heading.append(" ", element("span", "badge gold", words.GOLD));
    const made = element("li", gold ? "gold" : "", heading);
    if (text) made.append(element("p", "", text));
    if (score === null) return made;
    const list = element("dl", "signals", signal(words.SCORE, score));
    signals.forEach((value, index) => {
      const name = data.signals[index];
      if (value !== null) list.append(signal(words.SIGNALS[name] ?? name, value));
    });
    made.append(list);
    return made;
  }

  const signal = (name, value) => element("div", "", element("dt", "", name), element("dd", "", value.toFixed(3)));

  document.querySelectorAll("[data-sort]").forEach((button) => {
    button.addEventListener("click", () => {
      const by = button.dataset.sort;
      order = { by, down: order.by === by && !order.down };
      mark();
      show();
    });
  });

  function mark() {
    document.querySelectorAll("[data-sort]").forEach((button) => {
      const head = button.closest("th");
      if (button.dataset.sort === order.by) head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
  }

  filters.addEventListener("input", show);
  filters.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => {
    const at = drawn;
    draw();
    // The button may be gone: the focus goes on with the first of the new rows.
    body.querySelectorAll(".unfold")[at]?.focus();
  });
  if (data.excerpt) field("excerpt").textContent = fill(words.EXCERPT_LENGTH, { count: data.excerpt });
  mark();
  show();
})();
