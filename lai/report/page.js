"use strict";
// Shows the fixed and broken items. Texts of models and data only ever go through textContent.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const form = document.getElementById("filters");
  const list = document.getElementById("list");
  const more = document.getElementById("more");
  const STEP = 10;
  let matching = [];
  let shown = 0;

  const make = (name, style, text) => {
    const node = document.createElement(name);
    if (style) node.className = style;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const prose = (text) => make("p", /\n(?: {2}|\t)/.test(text) ? "text code" : "text", text);
  const labelled = (label, text, style) => {
    const box = make("div", style);
    box.append(make("h4", "", label), prose(text));
    return box;
  };

  const answer = (label, [state, said, why]) => {
    const box = labelled("", said || "(nothing)", state === "right" ? "answer right" : "answer");
    const head = box.firstChild;
    head.append(label, " ", make("span", "state", state));
    if (why) box.append(make("p", "text soft", why));
    return box;
  };

  const card = (item) => {
    const box = make("article", "item " + item.way);
    const head = make("h3");
    const kind = `${item.task} · ${item.split}`;
    head.append(make("span", "way", item.way), " ", make("span", "soft", kind));
    const asked = make("div", "both");
    const question = [item.question, ...item.options].join("\n");
    asked.append(labelled("question", question), labelled("reference", item.reference));
    const both = make("div", "both");
    const later = item.split === "pool" ? "later" : "after";
    both.append(answer("before", item.before), answer(later, item.after));
    box.append(head, asked, both);
    if (item.near.length) {
      const near = make("details", "near");
      near.append(make("summary", "", `Nearest of what was taught (${item.how})`));
      for (const place of item.near) {
        const [iteration, question, solution] = data.taught[place];
        near.append(labelled(`taught in ${iteration}`, `${question}\n→ ${solution}`));
      }
      box.append(near);
    } else {
      box.append(make("p", "soft", "Nothing that was taught is near."));
    }
    box.append(make("p", "soft id", item.id));
    return box;
  };

  const words = (item) => {
    item.words ??= [
      item.question, ...item.options, item.reference, ...item.before, ...item.after, item.how,
      item.id, ...item.near.flatMap((place) => data.taught[place]),
    ].join("\n").toLowerCase();
    return item.words;
  };

  const extend = () => {
    list.append(...matching.slice(shown, shown + STEP).map(card));
    shown = Math.min(matching.length, shown + STEP);
    more.hidden = shown === matching.length;
    more.textContent = `Show ${Math.min(STEP, matching.length - shown)} more`;
    const all = data.items.length.toLocaleString("en");
    document.getElementById("matching").textContent =
      `${matching.length.toLocaleString("en")} of ${all} items match, ${shown} shown`;
  };

  const filter = () => {
    const { way, task, split, text } = form.elements;
    const wanted = text.value.trim().toLowerCase();
    matching = data.items.filter((item) =>
      (!way.value || item.way === way.value) &&
      (!task.value || item.task === task.value) &&
      (!split.value || item.split === split.value) &&
      (!wanted || words(item).includes(wanted)));
    shown = 0;
    list.replaceChildren();
    extend();
  };

  for (const key of ["task", "split"]) {
    for (const value of [...new Set(data.items.map((item) => item[key]))].sort()) {
      form.elements[key].append(make("option", "", value));
    }
  }
  let waiting;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, event.target.name === "text" ? 120 : 0);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  more.addEventListener("click", () => {
    const before = list.children.length;
    extend();
    const next = list.children[before];
    if (next) { next.tabIndex = -1; next.focus({ preventScroll: true }); }
  });
  form.reset();
  filter();
})();
