// ---- painting the day
function paint() {
  const counts = new Map();
  for (const [code, node] of state.view.nodes) {
    const span = spanOn(spansOf(code), state.day), look = classOf(span) + (isDrawn(span) ? " drawn" : "");
    counts.set(look, (counts.get(look) || 0) + 1);
    const wanted = `region ${groundOf(span)}`;
    if (node.getAttribute("class") !== wanted) node.setAttribute("class", wanted);
    node.setAttribute("aria-label", `${data.regions[code][0]}: ${words(span)}`);
  }
  for (const [zone, node] of state.view.zoneNodes) node.style.display = zoneHolds(zone) ? "" : "none";
  placeNames();
  paintSites();
  paintLegend(counts);
  paintTime();
  paintTables();
  paintCard();
}
function paintSites() {
  for (const [site, node] of state.view.siteNodes) {
    const span = spanOn(site.spans, state.day);
    node.lastChild.setAttribute("class", `ring ${classOf(span)}`);
    node.classList.toggle("picked", state.picked === site);
    node.setAttribute("aria-label", `Site ${site.name}: ${words(span)}`);
  }
}
function paintLegend(counts) {
  const legend = find("legend");
  legend.replaceChildren();
  make("li", {}, legend, `Regions in view on ${iso(state.day)}:`);
  const entry = (look, text, meaning, count) => {
    const item = make("li", { title: meaning, class: count ? "" : "none" }, legend);
    make("span", { class: `swatch ${look}` }, item);
    make("span", {}, item, text);
    make("b", { class: "number" }, item, String(count));
  };
  for (const { key, label, meaning } of data.statuses) {
    entry(`s-${key}`, label, meaning, counts.get(`s-${key}`) || 0);
    const part = counts.get(`s-${key} part`), drawn = counts.get(`s-${key} part drawn`);
    if (part) entry(`s-${key} part`, `${label} in part`, `${meaning}, in part of the region`, part);
    if (drawn) entry(`s-${key} part drawn`, `${label} in districts`, `${meaning}, in the districts drawn; the rest of the region has its own colour`, drawn);
  }
}
function paintTime() {
  find("today").textContent = spoken(state.day);
  find("day").value = iso(state.day);
  find("month").value = monthsFromStart(state.day);
  find("month").setAttribute("aria-valuetext", spoken(state.day));
}
function swatchAndWords(cell, span) {
  make("span", { class: `swatch ${classOf(span)}` }, cell);
  cell.append(` ${words(span)}`);
}
function strip(parent, spans) {
  const bar = make("div", { class: "strip", "aria-hidden": "true" }, parent), days = data.end - data.start + 1;
  for (let first = data.start, last; first <= data.end; first = last + 1) {
    const span = spanOn(spans, first);
    last = spell(spans, span)[1];
    make("i", { class: classOf(span), title: `${iso(first)} to ${iso(last)}: ${words(span)}` }, bar).style.width = `${100 * (last - first + 1) / days}%`;
  }
  make("b", {}, bar).style.left = `${100 * (state.day - data.start) / days}%`;
}
function rowButton(parent, text, action) {
  make("button", { type: "button" }, parent, text).addEventListener("click", action);
}
function paintTables() {
  const focused = document.activeElement.closest("tr")?.id;
  const sites = find("sites").querySelector("tbody"), zones = find("zones").querySelector("tbody");
  sites.replaceChildren();
  data.sites.forEach((site, number) => {
    const row = make("tr", { id: `site-${number}`, class: state.picked === site ? "picked" : "" }, sites), span = spanOn(site.spans, state.day);
    const cell = make("td", {}, row);
    rowButton(cell, site.name, () => pickSite(site, true));
    make("td", { class: "number" }, row, String(site.mw));
    const status = make("td", {}, row), last = spell(site.spans, span)[1];
    swatchAndWords(status, span);
    if (last < data.end) { status.append(" "); make("span", { class: "small until" }, status, `until ${iso(last)}`); }
    strip(status, site.spans);
  });
  zones.replaceChildren();
  data.zones.filter(zone => zone.own).forEach(zone => {
    const row = make("tr", { class: zoneHolds(zone) ? "" : "past" }, zones);
    make("td", {}, row, zone.name);
    const terms = make("td", {}, row);
    for (const text of [zone.effect, ...zone.when, zoneHolds(zone) ? "holds on this day" : "does not hold on this day"]) make("div", {}, terms, text);
  });
  for (const [number, change] of data.changes.entries()) {
    const row = find(`change-${number}`);
    row.className = change.day === state.day ? "current" : change.day < state.day ? "past" : "";
  }
  if (focused && focused.startsWith("site-")) find(focused)?.querySelector("button").focus();
}
function listChanges() {
  const body = find("changes").querySelector("tbody");
  data.changes.forEach((change, number) => {
    const row = make("tr", { id: `change-${number}` }, body), cell = make("td", { class: "when" }, row);
    rowButton(cell, iso(change.day), () => { setDay(change.day); if (change.codes.length === 1) pickRegion(change.codes[0], false); });
    const what = make("td", {}, row);
    make("div", {}, what, change.who);
    if (change.after) { make("span", { class: `swatch ${lookOf(...change.after)}` }, what); what.append(" "); }
    make("span", {}, what, change.what);
    if (change.acts) make("div", { class: "small" }, what, change.acts);
  });
  if (!data.changes.length) make("td", {}, make("tr", {}, body), "Nothing on record changes in the period shown.");
}

// ---- the card
function paintCard() {
  const card = find("card"), picked = state.picked;
  card.replaceChildren();
  for (const mark of state.view.marks) mark.setAttribute("d", typeof picked === "string" && state.view.nodes.get(picked)?.getAttribute("d") || "");
  if (!picked) return make("p", { class: "hint" }, card, "Choose a region or a site to see the rules behind its colour.");
  const region = typeof picked === "string" ? data.regions[picked] : null, spans = region ? spansOf(picked) : picked.spans;
  const span = spanOn(spans, state.day);
  make("h3", {}, card, region ? region[0] : picked.name);
  make("div", { class: "small" }, card, region ? `${picked}, ${region[2]}` : `Site, ${picked.mw} MW`);
  if (region && region[1] in data.known_to) make("div", { class: "small" }, card, knownTo(region));
  const status = make("p", { class: "status" }, card);
  swatchAndWords(status, span);
  make("div", { class: "small" }, card, period(spans, span));
  strip(card, spans);
  if (!region && picked.note) make("p", { class: "small" }, card, picked.note);
  for (const number of span[4]) ruleNote(card, data.rules[number]);
  if (!span[4].length) make("p", { class: "small" }, card, "No rule is on record for this day.");
}
function knownTo([, jurisdiction, country]) {
  const day = data.known_to[jurisdiction];
  return day ? `Law of ${country} known up to ${day}; later changes are not on the map` : `Law of ${country}: no page read bears a date`;
}
function ruleNote(card, rule) {
  const note = make("div", { class: "rule", "data-rule": rule.rule_id }, card);
  make("b", {}, note, rule.act);
  make("p", {}, note, `${rule.kind}, since ${rule.since}${rule.until ? `, until ${rule.until}` : ", no end known"}`);
  if (rule.scope) make("p", {}, note, rule.scope);
  if (rule.note) make("p", { class: "small" }, note, rule.note);
  const source = make("p", { class: "small" }, note, `${rule.status}; how sure: ${rule.confidence}. Source: `);
  if (/^https?:\/\/\S+$/.test(rule.source)) make("a", { href: rule.source, rel: "noopener noreferrer", target: "_blank" }, source, rule.source);
  else source.append(rule.source || "not given");
  source.append(` [${rule.rule_id}]`);
}

// ---- what the reader does
function setDay(day) { state.day = clamp(day, data.start, data.end); paint(); }
function step(months) { setDay(months < 0 && calendar(state.day).getUTCDate() > 1 ? firstOfMonth(state.day, 0) : firstOfMonth(state.day, months)); }
function jump(direction) {
  const days = data.changes.map(change => change.day).filter(day => direction > 0 ? day > state.day : day < state.day);
  if (days.length) setDay(direction > 0 ? Math.min(...days) : Math.max(...days));
}
function play(on = !state.timer) {
  clearInterval(state.timer);
  state.timer = on ? setInterval(() => { step(1); if (state.day >= data.end) play(false); }, 700) : null;
  const button = document.querySelector("[data-do=play]");
  button.setAttribute("aria-pressed", on);
  button.textContent = on ? "Pause" : "Play";
}
function rove(code) {
  state.view.nodes.get(state.roving)?.setAttribute("tabindex", -1);
  state.roving = code;
  state.view.nodes.get(code)?.setAttribute("tabindex", 0);
}
function pickRegion(code, travel) {
  if (!state.view.nodes.has(code)) {
    const other = data.views.filter(view => view.shapes.some(shape => shape[0] === code)).at(-1);
    if (other) showView(other.name);
  }
  state.picked = code;
  rove(code);
  const extent = state.view.extents.get(code);
  if (travel && extent) {
    const width = Math.max(extent.width * 3, extent.height * 3 * state.view.width / state.view.height, state.view.width / 12);
    lookAt(extent.x + extent.width / 2, extent.y + extent.height / 2, width);
  }
  paint();
}
function pickSite(site, travel) {
  const number = data.sites.indexOf(site), shows = view => view.sites.find(each => each[0] === number);
  if (travel && !shows(state.view)) showView(data.views.filter(shows).at(-1)?.name || state.view.name);
  state.picked = site;
  const spot = shows(state.view);
  if (travel && spot) lookAt(spot[1], spot[2], Math.min(state.box.width, state.view.width / 4));
  paint();
}
function lookAt(x, y, width) {
  const wide = Math.min(width, state.view.width);
  moveTo({ x: x - wide / 2, y: y - wide * state.view.height / state.view.width / 2, width: wide });
}
function bringIntoView(target) {
  const [, , x, y] = state.view.siteNodes.find(each => each[1] === target) || [], { box } = state;
  if (x < box.x || x > box.x + box.width || y < box.y || y > box.y + box.height) lookAt(x, y, box.width);
}
function searched(text) {
  const wanted = text.trim().toLowerCase();
  const site = data.sites.find(each => each.name.toLowerCase() === wanted) || wanted && data.sites.find(each => each.name.toLowerCase().includes(wanted));
  const codes = Object.keys(data.regions), match = test => codes.find(code => test(regionLabel(code).toLowerCase()));
  const code = match(label => label === wanted) || codes.find(each => each.toLowerCase() === wanted)
    || wanted && (match(label => label.startsWith(wanted)) || match(label => label.includes(wanted)));
  if (site && !match(label => label === wanted)) pickSite(site, true);
  else if (code) pickRegion(code, true);
}
function neighbour(code, key) {
  const side = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const [, , x, y] = state.view.shapes.find(shape => shape[0] === code);
  let best = null, least = Infinity;
  for (const [other, , otherX, otherY] of state.view.shapes) {
    const ahead = (otherX - x) * side[0] + (otherY - y) * side[1], aside = Math.abs((otherX - x) * side[1] + (otherY - y) * side[0]);
    if (other !== code && ahead > 0 && ahead + 2.5 * aside < least) [best, least] = [other, ahead + 2.5 * aside];
  }
  return best;
}
function tell(target, x, y) {
  const code = target.dataset.code, site = target.closest(".site")?.dataset.site;
  const spans = site !== undefined ? data.sites[site].spans : code ? spansOf(code) : null;
  tip.hidden = !spans;
  if (tip.hidden) return;
  tip.replaceChildren();
  make("b", {}, tip, site !== undefined ? `${data.sites[site].name}, ${data.sites[site].mw} MW` : data.regions[code][0]);
  if (code && data.regions[code][2] !== data.regions[code][0]) make("div", {}, tip, data.regions[code][2]);
  const span = spanOn(spans, state.day);
  make("div", {}, tip, words(span));
  make("div", {}, tip, period(spans, span));
  const room = map.getBoundingClientRect();
  tip.style.transform = `translate(${clamp(x - room.left + 14, 4, room.width - tip.offsetWidth - 4)}px, ${clamp(y - room.top + 14, 4, room.height - tip.offsetHeight - 4)}px)`;
}

const DEEDS = { in: () => zoom(0.7), out: () => zoom(1 / 0.7), home: () => moveTo({ x: 0, y: 0, width: state.view.width }),
  play: () => play(), before: () => step(-1), after: () => step(1), previous: () => jump(-1), next: () => jump(1) };
for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", DEEDS[button.dataset.do]);
find("month").addEventListener("input", event => setDay(firstOfMonth(data.start, Number(event.target.value))));
find("day").addEventListener("change", event => { if (event.target.value) setDay(dayOf(event.target.value)); });
find("search").addEventListener("change", event => searched(event.target.value));
map.addEventListener("wheel", event => { event.preventDefault(); zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, pointOf(event)); }, { passive: false });
map.addEventListener("pointerdown", event => { if (event.button === 0) state.grip = { x: event.clientX, y: event.clientY, box: state.box, moved: false }; });
map.addEventListener("pointermove", event => {
  const grip = state.grip;
  if (!grip || !event.buttons) return tell(event.target, event.clientX, event.clientY);
  const dx = event.clientX - grip.x, dy = event.clientY - grip.y;
  if (!grip.moved && Math.hypot(dx, dy) < 4) return;
  if (!grip.moved) map.setPointerCapture(event.pointerId);
  grip.moved = true;
  map.classList.add("held");
  tip.hidden = true;
  moveTo({ ...grip.box, x: grip.box.x - dx * state.unit, y: grip.box.y - dy * state.unit });
});
map.addEventListener("pointerup", () => map.classList.remove("held"));
map.addEventListener("pointerleave", () => { tip.hidden = true; });
map.addEventListener("click", event => {
  const moved = state.grip?.moved, site = event.target.closest(".site")?.dataset.site;
  state.grip = null;
  if (moved) return;
  if (site !== undefined) pickSite(data.sites[site], false);
  else if (event.target.dataset.code) pickRegion(event.target.dataset.code, false);
});
map.addEventListener("focusin", event => { bringIntoView(event.target); const box = event.target.getBoundingClientRect(); tell(event.target, box.x + box.width / 2, box.y + box.height / 2); });
map.addEventListener("focusout", () => { tip.hidden = true; });
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
  const { code, site } = event.target.dataset || {}, isChosen = event.key === "Enter" || event.key === " ", arrow = event.key.startsWith("Arrow");
  const shift = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15] }[event.key];
  const deed = { "+": "in", "=": "in", "-": "out", "0": "home", n: "next", p: "previous" }[event.key];
  if (arrow && code && event.shiftKey) pan(...shift);
  else if (arrow && code) { const next = neighbour(code, event.key); if (next) { rove(next); state.view.nodes.get(next).focus({ preventScroll: true }); } }
  else if (code && isChosen) pickRegion(code, false);
  else if (site && isChosen) pickSite(data.sites[site], false);
  else if (event.key === "Escape") { state.picked = null; paint(); }
  else if (event.key === "ArrowLeft" || event.key === "ArrowRight") step(event.key === "ArrowLeft" ? -1 : 1);
  else if (deed) DEEDS[deed]();
  else return;
  event.preventDefault();
});
window.addEventListener("resize", () => moveTo(state.box));

// ---- beginning
for (const view of data.views)
  make("button", { type: "button", "data-view": view.name }, find("views"), view.title).addEventListener("click", () => showView(view.name));
for (const site of data.sites) make("option", { value: site.name }, find("places"));
for (const code of Object.keys(data.regions)) make("option", { value: regionLabel(code) }, find("places"));
Object.assign(find("month"), { min: 0, max: monthsFromStart(data.end) });
Object.assign(find("day"), { min: iso(data.start), max: iso(data.end) });
find("sites").hidden = !data.sites.length;
find("zones").hidden = !data.zones.some(zone => zone.own);
drawTicks();
listChanges();
const asked = new URLSearchParams(location.hash.slice(1)); // page.html#date=2027-01-15&view=world
if (/^\d{4}-\d\d-\d\d$/.test(asked.get("date"))) state.day = clamp(dayOf(asked.get("date")) || state.day, data.start, data.end);
showView(data.views.some(view => view.name === asked.get("view")) ? asked.get("view") : data.first_view);
document.documentElement.dataset.ready = "1";

function drawTicks() {
  const ticks = find("ticks"), months = monthsFromStart(data.end) || 1;
  const across = day => `${100 * clamp(monthsFromStart(day) + (calendar(day).getUTCDate() - 1) / 31, 0, months) / months}%`;
  for (const day of new Set(data.changes.map(change => change.day))) make("line", { x1: across(day), x2: across(day), y1: 1, y2: 8 }, ticks);
  for (let year = calendar(data.start).getUTCFullYear() + 1; Date.UTC(year, 0, 1) / 864e5 <= data.end; year++)
    make("text", { x: across(Date.UTC(year, 0, 1) / 864e5), y: 21, "text-anchor": "middle" }, ticks, String(year));
}
