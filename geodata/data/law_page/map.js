"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg", MONTHS = ["January", "February", "March", "April", "May", "June", "July",
  "August", "September", "October", "November", "December"];
const find = id => document.getElementById(id), map = find("map"), tip = find("tip");
const state = { day: data.opens_on, view: null, box: null, picked: null, timer: null };

// ---- small helpers. Every text goes in as text, never as markup.
function make(tag, attributes = {}, parent = null, text = null) {
  const made = parent instanceof SVGElement ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}
// Days are counted from 1970-01-01.
const calendar = day => new Date(day * 864e5);
const iso = day => calendar(day).toISOString().slice(0, 10);
const dayOf = text => Date.parse(text + "T00:00:00Z") / 864e5;
const spoken = day => `${calendar(day).getUTCDate()} ${MONTHS[calendar(day).getUTCMonth()]} ${calendar(day).getUTCFullYear()}`;
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);
const firstOfMonth = (day, months) => Date.UTC(calendar(day).getUTCFullYear(), calendar(day).getUTCMonth() + months, 1) / 864e5;
const monthsFromStart = day => (calendar(day).getUTCFullYear() - calendar(data.start).getUTCFullYear()) * 12
  + calendar(day).getUTCMonth() - calendar(data.start).getUTCMonth();

// ---- the law on a day. A span is [first, last, status, in part, rules, rest]; rest is the status outside the part
// where a zone draws that part, or null.
const NO_RULE = [[data.start, data.end, data.statuses.length - 1, 0, [], null]];
const spansOf = code => data.calendars[code] || data.calendars[data.regions[code][1]] || NO_RULE;
const spanOn = (spans, day) => spans.find(span => span[0] <= day && day <= span[1]);
// A status lasts longer than a span where only the rules behind it change.
function spell(spans, span) {
  const alike = other => other[2] === span[2] && other[3] === span[3], at = spans.indexOf(span);
  let first = at, last = at;
  while (first > 0 && alike(spans[first - 1])) first--;
  while (last < spans.length - 1 && alike(spans[last + 1])) last++;
  return [spans[first][0], spans[last][1]];
}
const lookOf = (status, inPart) => `s-${data.statuses[status].key}${inPart ? " part" : ""}`;
const classOf = span => lookOf(span[2], span[3]);
const isDrawn = span => span[5] !== null;
const groundOf = span => isDrawn(span) ? lookOf(span[5], 0) : classOf(span);
const elsewhere = span => isDrawn(span) ? `; elsewhere: ${data.statuses[span[5]].label}` : "";
const words = span => data.statuses[span[2]].label + (span[3] ? ` (in part of the region${elsewhere(span)})` : "");
function period(spans, span) {
  const [first, last] = spell(spans, span);
  const begins = first > data.start ? `From ${iso(first)}` : `From ${iso(first)} or earlier`;
  return last < data.end ? `${begins} until ${iso(last)}` : `${begins}, to ${iso(last)} or later`;
}
const regionLabel = code => `${data.regions[code][0]} (${code})`;
const zoneHolds = zone => zone.first <= state.day && state.day <= zone.last;

// ---- the map
function showView(name) {
  state.view = data.views.find(view => view.name === name);
  const view = state.view;
  map.replaceChildren();
  const defs = make("defs", {}, map);
  view.patterns = data.statuses.flatMap(({ key }) => patterns(defs, key));
  make("path", { class: "sea", d: view.frame }, map);
  const layer = make("g", {}, map);
  view.nodes = new Map();
  for (const [code, path] of view.shapes)
    view.nodes.set(code, make("path", { d: path, "data-code": code, tabindex: -1, role: "button" }, layer));
  const districts = make("g", {}, map);
  make("path", { class: "frontier", d: view.frontiers }, map);
  const own = make("g", {}, map);
  view.zoneNodes = view.zones.map(([number, path]) => {
    const zone = data.zones[number], look = zone.own ? `zone ${zone.effect}` : "districts s-banned";
    return [zone, make("path", { d: path, class: look, "data-zone": number }, zone.own ? own : districts)];
  });
  view.zoneBoxes = view.zoneNodes.map(([zone, node]) => [zone, node.getBBox()]);
  view.marks = [make("path", { class: "marked under" }, map), make("path", { class: "marked" }, map)];
  view.labels = make("g", { "aria-hidden": "true" }, map);
  const siteLayer = make("g", {}, map);
  view.siteNodes = view.sites.map(([number, x, y]) => {
    const node = make("g", { class: "site", "data-site": number, tabindex: 0, role: "button" }, siteLayer);
    for (const part of ["halo", "ring"]) make("circle", { class: part, cx: x, cy: y }, node);
    return [data.sites[number], node, x, y];
  });
  view.extents = new Map([...view.nodes].map(([code, node]) => [code, node.getBBox()]));
  for (const button of find("views").children) button.setAttribute("aria-pressed", button.dataset.view === name);
  const middle = view.shapes.reduce((best, each) => farness(each, view) < farness(best, view) ? each : best, view.shapes[0]);
  if (middle) rove(middle[0]);
  moveTo({ x: 0, y: 0, width: view.width });
  paint();
}
const farness = (shape, view) => Math.hypot(shape[2] - view.width / 2, shape[3] - view.height / 2);

// Stripes where a status holds in part of a region; lines over the colour of what closes a region.
function patterns(defs, key) {
  const pattern = (id, size, turn) => make("pattern", { id: `${id}-${key}`, class: `s-${key}`, width: size, height: size,
    patternUnits: "userSpaceOnUse", "data-turn": turn }, defs);
  const part = pattern("part", 8, -45);
  make("rect", { width: 8, height: 8, class: "rest" }, part);
  make("rect", { width: 4, height: 8, class: "colour" }, part);
  if (key !== "banned" && key !== "sanctioned") return [part];
  const whole = pattern("whole", 7, 45);
  make("rect", { width: 7, height: 7, class: "colour" }, whole);
  make("path", { d: key === "sanctioned" ? "M0 0V7M0 0H7" : "M0 0V7", class: "lines", "stroke-width": 2 }, whole);
  return [part, whole];
}

function moveTo(box) {
  const view = state.view, room = map.getBoundingClientRect();
  const width = clamp(box.width, view.width / 40, view.width), height = width * view.height / view.width;
  const x = clamp(box.x, -width / 2, view.width - width / 2), y = clamp(box.y, -height / 2, view.height - height / 2);
  state.box = { x, y, width, height };
  state.unit = Math.max(width / room.width, height / room.height); // sheet units in a pixel of the screen
  map.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
  for (const each of view.patterns) each.setAttribute("patternTransform", `rotate(${each.dataset.turn}) scale(${state.unit})`);
  placeNames();
}
function zoom(factor, at = null) {
  const { x, y, width, height } = state.box, point = at || { x: x + width / 2, y: y + height / 2 };
  const wider = clamp(width * factor, state.view.width / 40, state.view.width), share = wider / width;
  moveTo({ x: point.x - (point.x - x) * share, y: point.y - (point.y - y) * share, width: wider });
}
const pan = (dx, dy) => moveTo({ ...state.box, x: state.box.x + dx * state.box.width, y: state.box.y + dy * state.box.height });
const pointOf = event => new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());

// Names where they fit: sites first, then regions that are wider on the screen than their name.
function placeNames() {
  const view = state.view, unit = state.unit, taken = [], room = map.getBoundingClientRect();
  const middleX = state.box.x + state.box.width / 2, middleY = state.box.y + state.box.height / 2;
  const inside = box => box.left > middleX - room.width * unit / 2 && box.right < middleX + room.width * unit / 2
    && box.top > middleY - room.height * unit / 2 && box.low < middleY + room.height * unit / 2;
  const free = box => inside(box) && taken.every(other => box.right < other.left || other.right < box.left || box.low < other.top || other.low < box.top);
  const place = (left, top, width, height) => {
    const box = { left, right: left + width * unit, top, low: top + height * unit };
    if (!free(box)) return false;
    taken.push(box);
    return true;
  };
  view.labels.replaceChildren();
  for (const [site, node, x, y] of view.siteNodes) {
    const radius = radiusOf(site) * unit;
    taken.push({ left: x - radius, right: x + radius, top: y - radius, low: y + radius });
    node.firstChild.setAttribute("r", radius);
    node.lastChild.setAttribute("r", radius - 3 * unit);
  }
  for (const [site, , x, y] of view.siteNodes) {
    const length = site.name.length * 7 + 8, gap = (radiusOf(site) + 4) * unit;
    const spots = [[x + gap, y - 8 * unit, "start"], [x - gap - length * unit, y - 8 * unit, "end"],
      [x - length * unit / 2, y - gap - 16 * unit, "middle"], [x - length * unit / 2, y + gap, "middle"]];
    const spot = spots.find(([left, top]) => place(left, top, length, 16));
    if (spot) {
      const anchorX = { start: spot[0], end: spot[0] + length * unit, middle: x }[spot[2]];
      make("text", { class: "site-name", x: anchorX, y: spot[1] + 12.5 * unit, "text-anchor": spot[2],
        "font-size": 13 * unit, "stroke-width": 3.5 * unit }, view.labels, site.name);
    }
  }
  for (const [zone, extent] of view.zoneBoxes) {
    const x = extent.x + extent.width / 2, y = extent.y + extent.height / 2, length = zone.name.length * 6.5;
    if (zone.own && zoneHolds(zone) && place(x - length * unit / 2, y - 8 * unit, length, 15))
      make("text", { class: "name zone-name", x, y: y + 4 * unit, "font-size": 12 * unit, "stroke-width": 3 * unit }, view.labels, zone.name);
  }
  for (const [code, , x, y] of view.shapes) {
    const name = data.regions[code][0], extent = view.extents.get(code), length = name.length * 6;
    if (extent.width < length * unit || extent.height < 20 * unit || !place(x - length * unit / 2, y - 8 * unit, length, 15)) continue;
    make("text", { class: "name", x, y: y + 4 * unit, "font-size": 11 * unit, "stroke-width": 2.5 * unit }, view.labels, name);
  }
}
const radiusOf = site => 6 + 1.1 * Math.sqrt(site.mw);
