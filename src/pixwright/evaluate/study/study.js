"use strict";
// The browser knows the words, the places and nothing else: which system stands where is only in the study's file.
const by = id => document.getElementById(id);
const place = location.pathname + " rater";
let study, rater = "", state, given = {}, active = 0, since = 0, ready = false, sending = false;

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const letter = index => String.fromCharCode(65 + index);
const likert = () => study.protocol === "likert";
const options = () => likert()
  ? [1, 2, 3, 4, 5].map(value => [value, String(value)])
  : [...state.pictures.map((_, index) => [index, letter(index)]), ...(study.ties ? [[-1, "No difference"]] : [])];

function show(id) { for (const one of ["welcome", "work", "end"]) by(one).hidden = one !== id; }
function warn(text) { by("banner").textContent = text; by("banner").hidden = !text; }
const wait = seconds => new Promise(resolve => setTimeout(resolve, seconds * 1000));

// A post is repeated until the server has it: to keep the same answer twice changes nothing.
async function post(path, body) {
  for (;;) {
    let reply;
    try {
      reply = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json", "X-Study-Token": study.token }, body: JSON.stringify(body) });
    } catch {
      warn("No connection. Your answer waits here and is sent as soon as the study can be reached.");
      await wait(1.5);
      continue;
    }
    const data = await reply.json();
    if (reply.ok) warn("");
    else throw new Error(data.error);
    return data;
  }
}

async function enter(name) {
  try {
    state = await post("look", { rater: name });
  } catch (error) {
    warn(error.message);
    return leave();
  }
  rater = name;
  localStorage.setItem(place, name);
  by("who").textContent = name;
  draw();
}

function leave() {
  localStorage.removeItem(place);
  by("about").close();
  show("welcome");
  by("rater").value = new URLSearchParams(location.hash.slice(1)).get("rater") || "";
  by("rater").focus();
}

function picture(name, label, alt) {
  const image = element("img", { src: "picture/" + name, alt, draggable: "false" });
  const button = element("button", { type: "button", "aria-label": `${alt}, in full` }, image);
  button.addEventListener("click", () => zoom(name));
  return element("figure", { "data-name": name }, element("figcaption", {}, label), button);
}

function draw() {
  if (!state.trial) {
    by("done").textContent = `All ${state.total} are answered and kept, ${rater}. You may close the page.`;
    return show("end");
  }
  show("work");
  given = { ...state.answers };
  const first = study.questions.findIndex(question => !(question.key in given));
  by("bar").max = state.total;
  by("bar").value = state.position;
  by("where").textContent = `${state.position + 1} of ${state.total}`;
  by("back").disabled = state.position === 0;
  by("instruction").textContent = state.instruction;
  by("trial").scrollTop = 0;
  window.scrollTo(0, 0);
  const heard = state.references.filter(one => one.kind === "audio"), seen = state.references.filter(one => one.kind === "image");
  const called = one => `Reference [${state.references.indexOf(one) + 1}]`;
  by("sounds").replaceChildren(...heard.flatMap(one => [element("span", { class: "quiet" }, called(one)), element("audio", { controls: "", preload: "auto", src: "picture/" + one.name, "aria-label": called(one) })]));
  by("given").replaceChildren(picture(state.source, "Original", "Original"), ...seen.map(one => picture(one.name, called(one), called(one))));
  by("made").replaceChildren(...state.pictures.map((name, index) => picture(name, likert() ? "Edited" : letter(index), likert() ? "Edited picture" : "Picture " + letter(index))));
  arrange(state.pictures.length);
  drawQuestions();
  choose(first < 0 ? study.questions.length : first);
  load();
  for (const name of state.next) new Image().src = "picture/" + name;
}

function arrange(count) {
  const columns = count <= 3 && !matchMedia("(orientation: portrait)").matches ? count : count === 1 ? 1 : count <= 4 ? 2 : 3;
  by("made").style.setProperty("--columns", columns);
  by("trial").style.setProperty("--wide", columns === 1 ? "1fr" : columns + "fr");
  by("trial").style.setProperty("--tall", Math.ceil(count / columns) + "fr");
  by("trial").classList.toggle("scrolls", count > 4);
}

// Nobody judges what is not there yet, and the clock starts when all of it is.
async function load() {
  ready = false;
  refresh();
  const trial = state.trial, images = [...by("trial").querySelectorAll("img")];
  while (state.trial === trial) {
    try {
      await Promise.all(images.map(image => image.decode()));
      break;
    } catch {
      warn("A picture cannot be loaded. It is tried again.");
      await wait(1.5);
      for (const image of images) if (!image.naturalWidth) image.src = image.src.split("?")[0] + "?" + Date.now();
    }
  }
  if (state.trial !== trial) return;
  if (!sending) warn("");
  ready = true;
  since = performance.now();
  refresh();
}

function drawQuestions() {
  by("questions").replaceChildren(...study.questions.map((question, number) => {
    const buttons = options().map(([value, text]) => {
      const button = element("button", { type: "button", "data-value": value }, text);
      button.addEventListener("click", () => answer(number, value));
      return button;
    });
    if (likert()) {
      buttons.unshift(element("span", {}, question.low));
      buttons.push(element("span", {}, question.high));
    }
    return element("fieldset", { tabindex: "-1", "data-key": question.key }, element("legend", {}, question.text), element("div", { class: "choices" }, ...buttons));
  }));
}

function choose(number) {
  active = Math.max(0, Math.min(number, study.questions.length));
  refresh();
}

function answer(number, value) {
  if (!ready || sending) return;
  given[study.questions[number].key] = value;
  const left = study.questions.findIndex(question => !(question.key in given));
  choose(left < 0 ? study.questions.length : left);
  if (left < 0) by("next").focus({ preventScroll: true });
  else by("questions").children[left].focus({ preventScroll: true });
}

function refresh() {
  const complete = study.questions.every(question => question.key in given);
  [...by("questions").children].forEach((field, number) => {
    field.classList.toggle("active", number === active && study.questions.length > 1);
    for (const button of field.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(given[study.questions[number].key] === Number(button.dataset.value)));
      button.disabled = !ready || sending;
    }
  });
  const marked = likert() ? undefined : given[study.questions[Math.min(active, study.questions.length - 1)].key];
  [...by("made").children].forEach((figure, index) => figure.classList.toggle("best", index === marked));
  by("next").disabled = !complete || !ready || sending;
  by("next").textContent = sending ? "Saving" : "Next";
}

async function next() {
  if (by("next").disabled) return;
  sending = true;
  refresh();
  const ms = Math.round(performance.now() - since);
  try {
    state = await post("answer", { rater, trial: state.trial, answers: given, ms });
    sending = false;
    draw();
  } catch (error) {
    sending = false;
    warn(error.message);
    refresh();
  }
}

async function back() {
  if (sending || state.position === 0) return;
  state = await post("look", { rater, position: state.position - 1 });
  draw();
}

function original(on) {
  by("original").setAttribute("aria-pressed", String(on));
  for (const figure of by("made").children) {
    figure.classList.toggle("swapped", on);
    figure.querySelector("img").src = "picture/" + (on ? state.source : figure.dataset.name);
  }
}

function zoom(name) {
  const shown = [...by("trial").querySelectorAll("figure")].map(figure => [figure.dataset.name, figure.firstChild.textContent]);
  by("tabs").replaceChildren(...shown.map(([one, label]) => {
    const button = element("button", { type: "button", "aria-pressed": String(one === name) }, label);
    button.addEventListener("click", () => zoom(one));
    return button;
  }));
  by("large").src = "picture/" + name;
  by("large").alt = shown.find(([one]) => one === name)[1];
  if (!by("zoom").open) by("zoom").showModal();
}

function turn(step) {
  const tabs = [...by("tabs").children], now = tabs.findIndex(tab => tab.getAttribute("aria-pressed") === "true");
  tabs[(now + step + tabs.length) % tabs.length].click();
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || by("work").hidden) return;
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (by("zoom").open) {
    if (pressed === "ArrowRight" || pressed === "ArrowLeft") turn(pressed === "ArrowRight" ? 1 : -1);
    if (pressed === "z") by("zoom").close();
    return;
  }
  if (by("about").open) return;
  const number = Math.min(active, study.questions.length - 1);
  // On the last question a new key changes that answer; the arrows lead to earlier ones.
  const picked = options().find(([value, text]) => likert() ? pressed === text
    : value < 0 ? pressed === "0" || pressed === "=" : pressed === text.toLowerCase() || pressed === String(value + 1));
  if (picked) answer(number, picked[0]);
  else if (pressed === "Enter" && (document.activeElement === by("next") || document.activeElement.tagName !== "BUTTON")) next();
  else if (pressed === "Backspace") back();
  else if (pressed === "ArrowUp" || pressed === "ArrowDown") choose(number + (pressed === "ArrowUp" ? -1 : 1));
  else if (pressed === "o" && !event.repeat) original(true);
  else if (pressed === "z") zoom(state.pictures[0]);
  else if (pressed === "?") by("about").showModal();
  else return;
  if (pressed !== "o") event.preventDefault();
}

function explain() {
  const task = {
    choice: "You see a picture, an instruction and several edited pictures. For each question, choose one of them.",
    pair: "You see a picture, an instruction and two edited pictures. For each question, choose one of them.",
    likert: "You see a picture, an instruction and one edited picture. For each question, rate it from 1 to 5.",
  };
  by("title").textContent = document.title = study.title;
  by("task").textContent = task[study.protocol];
  by("asked").replaceChildren(...study.questions.map(question => element("li", {}, question.text)));
  const keys = [
    ...(likert() ? [["1 to 5", "rate"]] : [["A B ... or 1 2 ...", "choose"], ...(study.ties ? [["0", "no difference"]] : [])]),
    ["Enter", "next"], ["Backspace", "back"], ["O held", "original in place"], ["Z, \u2190 \u2192", "in full, turn over"],
    ...(study.questions.length > 1 ? [["\u2191 \u2193", "question"]] : []), ["?", "this help"],
  ];
  by("keys").replaceChildren(...keys.map(([name, does]) => element("tr", {}, element("td", {}, element("kbd", {}, name)), element("td", {}, does))));
}

async function start() {
  study = await (await fetch("study.json")).json();
  explain();
  by("join").addEventListener("submit", event => { event.preventDefault(); enter(by("rater").value.trim()); });
  by("next").addEventListener("click", next);
  by("back").addEventListener("click", back);
  by("review").addEventListener("click", async () => { state = await post("look", { rater, position: state.total - 1 }); draw(); });
  for (const id of ["leave", "other"]) by(id).addEventListener("click", leave);
  by("help").addEventListener("click", () => by("about").showModal());
  by("understood").addEventListener("click", () => by("about").close());
  by("shut").addEventListener("click", () => by("zoom").close());
  by("large").addEventListener("click", () => turn(1));
  by("original").addEventListener("pointerdown", () => original(true));
  for (const kind of ["pointerup", "pointerleave", "pointercancel"]) by("original").addEventListener(kind, () => original(false));
  by("original").addEventListener("contextmenu", event => event.preventDefault());
  document.addEventListener("keydown", key);
  document.addEventListener("keyup", event => { if (event.key.toLowerCase() === "o" && state && state.trial) original(false); });
  window.addEventListener("blur", () => { if (state && state.trial) original(false); });
  window.addEventListener("resize", () => { if (state && state.trial) arrange(state.pictures.length); });
  const known = localStorage.getItem(place), asked = new URLSearchParams(location.hash.slice(1)).get("rater");
  // A link made out to a rater beats what the browser remembers.
  if (asked && asked !== known) { show("welcome"); by("rater").value = asked; by("rater").focus(); }
  else if (known) enter(known);
  else { show("welcome"); by("rater").focus(); }
}

start();
