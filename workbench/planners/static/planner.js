/* The page of a planner: what people do becomes events, messages become what they see.
   Runs in JupyterLab and in Voila; every planner on a page is one `Page`. Events are kept until
   they are acknowledged, so a kernel that was busy or restarted loses none of them. */
(() => {
  "use strict";
  if (window.salesWorkbenchPlanners) return;
  const pages = (window.salesWorkbenchPlanners = new Map());
  const PATIENCE = 9000, DIM = 300, SHOW = 1000, PING = 3000;
  const app = () => document.body.dataset.workbenchApp !== undefined;

  class Page {
    constructor(box, root) {
      const met = document.body.dataset.ownData === undefined; /* see app.js */
      Object.assign(this, { box, root, met, waiting: [], next: Date.now(), rev: null, state: {}, busy: null });
      this.uid = root.dataset.planner;
      this.store = "workbench-planner " + location.pathname;
      this.listen();
      this.hello();
      this.timer = setInterval(() => this.watch(), 1000);
    }

    /* -- channels ---------------------------------------------------------------------------- */

    get up() { return this.box.querySelector(".swp-up textarea"); }
    get down() { return this.box.querySelector(".swp-down"); }

    listen() {
      new MutationObserver(() => this.receive()).observe(this.down, { childList: true, subtree: true });
      const on = (kind, handler) => this.root.addEventListener(kind, (event) => handler.call(this, event));
      on("input", this.onInput); on("change", this.onChange); on("click", this.onClick);
      on("keydown", this.onKey); on("cancel", this.onInput);
      this.receive();
    }

    send(event) {
      const last = this.waiting[this.waiting.length - 1];
      if (last && last.do === "set" && event.do === "set" && last.name === event.name && !last.final)
        this.waiting.pop();
      this.waiting.push({ id: this.next++, ...event });
      this.since ??= Date.now();
      this.flush();
    }

    flush() {
      if (!this.waiting.length || !this.up) return;
      this.up.value = JSON.stringify({ events: this.waiting, at: Date.now() });
      this.up.dispatchEvent(new Event("input", { bubbles: true }));
    }

    hello() {
      const asked = app() ? Object.fromEntries(new URLSearchParams(location.search)) : {};
      const event = { do: "hello", lang: asked.lang, scenario: asked.scenario, company: asked.company };
      const lost = sessionStorage.getItem(this.store + " lost");
      if (lost) { event.values = JSON.parse(lost); sessionStorage.removeItem(this.store + " lost"); }
      this.send(event);
    }

    receive() {
      const script = this.down.querySelector("script[type='application/json']");
      if (!script) return;
      const message = JSON.parse(script.textContent);
      if (message.rev === this.rev) return;
      const gap = this.rev !== null && message.rev > this.rev + 1;
      this.rev = message.rev;
      this.waiting = this.waiting.filter((event) => event.id > message.ack);
      this.since = this.waiting.length ? Date.now() : null;
      this.met ||= message.blank;
      this.apply(message);
      if (gap) this.send({ do: "hello" });
    }

    /* -- messages ------------------------------------------------------------------------------ */

    apply(message) {
      this.root.lang = message.lang;
      if (message.blank) for (const name of ["tiles", "say", "charts", "strip", "foot"]) this.region(name).innerHTML = "";
      for (const [name, html] of Object.entries(message.regions)) this.region(name).innerHTML = html;
      if (message.charts !== undefined) this.region("charts").innerHTML = message.charts;
      const blocks = this.region("charts").firstElementChild;
      for (const [place, html] of Object.entries(message.blocks || {}))
        if (blocks && blocks.children[place]) blocks.children[place].outerHTML = html;
      if (message.words) this.words = message.words;
      this.state = message.controls;
      this.live = message.live;
      for (const [name, control] of Object.entries(message.controls)) this.show(name, control);
      this.able("undo", message.undo); this.able("redo", message.redo); this.able("reset", message.changed);
      this.work(message.busy);
      if (message.values) sessionStorage.setItem(this.store, JSON.stringify(message.values));
      else sessionStorage.removeItem(this.store);
      if (message.closed) this.root.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
      if (message.refused) this.refuse(message);
      if (message.told) this.toast(message.told);
      if (message.run) this.running(message.run);
      if (message.download) this.download(message.download);
      this.root.dataset.rev = message.rev;
      if (!this.met) {
        if (message.refused) document.querySelector(".cover").textContent = message.refused;
        return;
      }
      if (!message.busy) this.root.dataset.ready = "";
      document.body.dispatchEvent(new CustomEvent("workbench-planner", { detail: message }));
    }

    region(name) { return this.root.querySelector(`[data-region="${name}"]`); }
    able(name, count) {
      const button = this.root.querySelector(`[data-do="${name}"]`);
      if (button) button.disabled = !count;
    }

    show(name, state) {
      const control = this.root.querySelector(`.ctl[data-name="${name}"]`);
      if (!control) return;
      control.classList.toggle("changed", state.changed);
      control.classList.toggle("err", Boolean(state.fault));
      const fault = control.querySelector(".msg");
      if (fault.textContent !== state.fault) fault.textContent = state.fault;
      fault.hidden = !state.fault;
      const value = control.querySelector("[data-part=value]");
      if (value) value.setAttribute("aria-invalid", state.fault ? "true" : "false");
      if (this.waiting.some((event) => event.name === name)) return;
      const typing = value && document.activeElement === value && "typed" in value.dataset;
      this.stand(control, state.stands);
      control.classList.toggle("empty", state.held === "" && !state.stands);
      if (!typing) this.hold(control, state.held);
      this.tick(control, state.base);
    }

    /* what holds while the control is left empty */
    stand(control, stands) {
      const value = control.querySelector("input[data-part=value]");
      if (value && value.type === "text") value.placeholder = stands;
    }

    hold(control, held) {
      const kind = control.dataset.kind;
      if (kind === "several")
        return control.querySelectorAll("[data-part=several]").forEach((box) => { box.checked = held.includes(box.value); });
      if (kind === "table") return this.holdTable(control, held);
      const radios = control.querySelectorAll("[data-part=radio]");
      if (radios.length) return radios.forEach((radio) => { radio.checked = radio.value === held; });
      const value = control.querySelector("[data-part=value]");
      if (kind === "switch") { value.checked = held; return; }
      if (value.value !== held) value.value = held;
      const slider = control.querySelector("[data-part=slider]");
      if (slider) { slider.value = number(held || value.placeholder); fill(slider); slider.setAttribute("aria-valuetext", (held || value.placeholder) + unitOf(control)); }
    }

    holdTable(control, rows) {
      const body = control.querySelector("tbody");
      if (body.contains(document.activeElement)) return;
      while (body.rows.length < rows.length + 1) body.appendChild(body.rows[0].cloneNode(true));
      while (body.rows.length > rows.length + 1) body.deleteRow(-1);
      [...body.rows].forEach((row, place) => [...row.querySelectorAll("input")].forEach((cell, column) => {
        cell.value = rows[place] ? rows[place][column] : "";
      }));
    }

    tick(control, base) {
      const slider = control.querySelector("[data-part=slider]");
      const mark = control.querySelector(".trk u");
      if (!slider || !mark) return;
      const share = (number(base) - slider.min) / (slider.max - slider.min);
      mark.style.left = `calc(7px + ${Math.min(1, Math.max(0, share))} * (100% - 14px))`;
    }

    /* -- work, faults, downloads --------------------------------------------------------------- */

    work(busy) {
      const wait = this.root.querySelector("[data-part=wait]"), main = this.root.querySelector(".main");
      clearTimeout(this.dimming); clearTimeout(this.showing);
      this.busy = busy ? this.busy || Date.now() : null;
      if (!busy) { wait.hidden = true; main.classList.remove("dim"); return; }
      const left = (limit) => Math.max(0, limit - (Date.now() - this.busy));
      this.dimming = setTimeout(() => main.classList.add("dim"), left(DIM));
      this.showing = setTimeout(() => {
        const cancel = busy.cancel ? `<button type="button" class="lnk" data-do="cancel">${busy.cancel}</button>` : "";
        const bar = busy.share == null ? `<div class="prog going"><i></i></div>`
          : `<div class="prog"><i style="width:${Math.round(100 * busy.share)}%"></i></div>`;
        wait.innerHTML = `<span>${busy.words}</span>${cancel}${bar}`;
        wait.hidden = false;
      }, left(SHOW));
    }

    watch() {
      if (!document.body.contains(this.root)) { clearInterval(this.timer); pages.delete(this.uid); return; }
      const now = Date.now();
      if (this.busy && !this.waiting.length && now - (this.pinged || 0) > PING) {
        this.pinged = now; this.send({ do: "ping" });
      }
      if (this.since && now - this.since > PATIENCE) this.lost();
      else if (this.stopped && !this.waiting.length) { this.stopped.remove(); this.stopped = null; }
      else if (this.waiting.length && now - this.since > 2000) this.flush();
    }

    lost() {
      if (this.stopped) return;
      const words = this.words || {};
      const box = (this.stopped = document.createElement("div"));
      box.className = "care lost"; box.setAttribute("role", "alert");
      const button = app() ? `<button type="button" class="btn" data-do="restart">${words.restart}</button>` : "";
      box.innerHTML = `<b>${words.silent}</b><p class="hint">${app() ? words.kept : words.again}</p>${button}`;
      this.root.querySelector(".main").prepend(box);
      this.keep();
    }

    keep() {
      const held = { ...JSON.parse(sessionStorage.getItem(this.store) || "{}") };
      if (Object.keys(held).length) sessionStorage.setItem(this.store + " lost", JSON.stringify(held));
    }

    refuse(message) {
      const dialog = this.root.querySelector("dialog[open]");
      const fault = dialog && dialog.querySelector("[data-part=fault]");
      if (!fault) return this.toast(message.refused);
      fault.textContent = message.refused; fault.hidden = false;
      if (message.of === "save") dialog.dataset.replace = "";
    }

    toast(words) {
      const toast = this.root.querySelector("[data-part=toast]");
      toast.textContent = words; toast.hidden = false;
      clearTimeout(this.toasting);
      this.toasting = setTimeout(() => { toast.hidden = true; }, 6000);
    }

    running(run) {
      const place = this.root.querySelector("[data-part=run]");
      if (run.ended && !run.words) return;
      place.hidden = false;
      const share = run.share === undefined ? "" : `<div class="prog"><i style="width:${100 * run.share}%"></i></div>`;
      const stop = run.share === undefined ? "" : `<button type="button" class="lnk" data-do="stop-run">${this.words.stop}</button>`;
      const link = run.report ? `<a href="${runsUrl(run.report)}" target="_blank" rel="noopener">${run.link}</a>` : "";
      place.innerHTML = `<span></span> ${link}${stop}${share}`;
      place.firstElementChild.textContent = run.words;
    }

    download(file) {
      const bytes = Uint8Array.from(atob(file.data), (sign) => sign.charCodeAt(0));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([bytes], { type: file.kind }));
      link.download = file.name; link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }

    /* -- what people do ------------------------------------------------------------------------ */

    set(control, value, final = true) { this.send({ do: "set", name: control.dataset.name, value, final }); }

    onInput(event) {
      const part = event.target.dataset.part, control = event.target.closest(".ctl");
      if (!control) return;
      if (part === "slider") {
        this.slid(control, event.target);
        if (this.live) this.set(control, control.querySelector("[data-part=value]").value, false);
      } else if (part === "value" && ["text", "textarea"].includes(event.target.type)) event.target.dataset.typed = "";
    }

    slid(control, slider) {
      const plain = Number(slider.value).toFixed(Number(slider.dataset.decimals));
      const text = "plain" in slider.dataset ? plain : group(plain);
      control.querySelector("[data-part=value]").value = text;
      slider.setAttribute("aria-valuetext", text + unitOf(control));
      fill(slider);
    }

    onChange(event) {
      const target = event.target, part = target.dataset.part, control = target.closest(".ctl");
      if (part === "file" && target.files[0]) return this.openFile(target);
      if (!control) return;
      delete target.dataset.typed;
      if (part === "slider") this.set(control, control.querySelector("[data-part=value]").value);
      else if (part === "radio") this.set(control, target.value);
      else if (part === "several")
        this.set(control, [...control.querySelectorAll("[data-part=several]:checked")].map((box) => box.value));
      else if (part === "cell") this.set(control, rowsOf(control));
      else if (part === "value") this.set(control, target.type === "checkbox" ? target.checked : target.value);
    }

    openFile(input) {
      const file = input.files[0];
      input.value = "";
      file.text().then((text) => this.send({ do: "load-text", value: text.slice(0, 1100000), name: file.name }));
    }

    onClick(event) {
      const name = event.target.closest(".nm");
      const control = event.target.closest(".ctl");
      if (name && control && control.classList.contains("changed")) {
        event.preventDefault();
        return this.send({ do: "reset", name: control.dataset.name });
      }
      if (event.target.dataset.part === "row") {
        const body = control.querySelector("tbody");
        const row = body.rows[body.rows.length - 1].cloneNode(true);
        row.querySelectorAll("input").forEach((cell) => { cell.value = ""; });
        body.appendChild(row); row.querySelector("input").focus();
        return undefined;
      }
      const button = event.target.closest("[data-do]");
      if (!button) return undefined;
      return this.act(button.dataset.do, button);
    }

    act(name, button) {
      const dialog = (part) => {
        const found = this.root.querySelector(`dialog[data-part=${part}]`);
        found.querySelectorAll("[data-part=fault]").forEach((each) => { each.hidden = true; });
        delete found.dataset.replace;
        found.showModal();
      };
      if (name === "ask-save") return dialog("save");
      if (name === "ask-open") return dialog("open");
      if (name === "close") return button.closest("dialog").close();
      if (name === "restart") return location.reload();
      if (name === "save") {
        const found = button.closest("dialog"), held = (part) => found.querySelector(`[data-part=${part}]`).value;
        return this.send({ do: "save", name: held("name"), reason: held("reason"), replace: "replace" in found.dataset });
      }
      return this.send({ do: name, value: button.dataset.value });
    }

    onKey(event) {
      const target = event.target, control = target.closest(".ctl");
      event.stopPropagation(); /* a notebook around it would take the arrows for its cells */
      if ((event.ctrlKey || event.metaKey) && ["z", "y"].includes(event.key) && !(target.dataset && "typed" in target.dataset)) {
        event.preventDefault();
        return this.send({ do: event.key === "y" || event.shiftKey ? "redo" : "undo" });
      }
      if (target.closest("dialog") && event.key === "Enter" && target.type === "text") {
        const save = target.closest("dialog").querySelector("[data-do=save]");
        if (save) save.click();
        return undefined;
      }
      if (!control || control.dataset.kind !== "number") return undefined;
      const slider = control.querySelector("[data-part=slider]");
      const steps = { PageUp: 10, PageDown: -10, ArrowUp: 1, ArrowDown: -1 }[event.key];
      const typed = target.dataset.part === "value";
      if (event.key === "Home" && !typed) {
        event.preventDefault();
        return this.send({ do: "reset", name: control.dataset.name });
      }
      if (slider && steps && (typed || Math.abs(steps) > 1)) {
        event.preventDefault();
        const from = number(typed ? target.value || target.placeholder : slider.value);
        slider.value = (Number.isFinite(from) ? from : Number(slider.value)) + steps * slider.step;
        this.slid(control, slider);
        return this.set(control, control.querySelector("[data-part=value]").value);
      }
      return undefined;
    }
  }

  /* -- small things ------------------------------------------------------------------------------ */

  const number = (text) => Number(String(text).replaceAll(",", "").replace("−", "-"));
  const group = (text) => {
    const [whole, part] = text.split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",").replace("-", "−");
    return part === undefined ? grouped : `${grouped}.${part}`;
  };
  const fill = (slider) => {
    const share = (slider.value - slider.min) / (slider.max - slider.min || 1);
    slider.style.setProperty("--at", share);
  };
  const unitOf = (control) => { const unit = control.querySelector(".un"); return unit ? " " + unit.textContent : ""; };
  const rowsOf = (control) => [...control.querySelectorAll("tbody tr")].map((row) =>
    [...row.querySelectorAll("input")].map((cell) => cell.value));
  const runsUrl = (report) => {
    if (app()) return `${document.body.dataset.workbenchApp}runs/${report}`;
    const config = document.getElementById("jupyter-config-data");
    return (config ? JSON.parse(config.textContent).baseUrl : "/") + `files/runs/${report}`;
  };

  const adopt = () => {
    for (const root of document.querySelectorAll("[data-planner]")) {
      const box = root.closest(".swp-box"), known = pages.get(root.dataset.planner);
      const whole = box && box.querySelector(".swp-up textarea") && box.querySelector(".swp-down");
      if (whole && (!known || known.root !== root)) pages.set(root.dataset.planner, new Page(box, root));
    }
  };
  let planned = false;
  new MutationObserver(() => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => { planned = false; adopt(); });
  }).observe(document.body, { childList: true, subtree: true });
  adopt();
})();
