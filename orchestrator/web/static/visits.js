"use strict";

// The report of a visit: kept on the phone while it is written, sent with its photos over a connection that comes and goes.
(() => {
  const form = document.getElementById("visit");
  if (!form) return;
  const { task, owner } = form.dataset, say = form.dataset;
  const DRAFT = `xianli-visit:${owner}:${task}`, PIECE = 128 * 1024, AGAIN = 3000;
  const status = document.getElementById("status"), list = document.getElementById("files");
  const token = form.elements.csrftoken.value;
  const headers = { "X-CSRFToken": token, Accept: "application/json" };

  // Files wait in the phone's own database until the house has them whole.
  const shelf = new Promise((opened, failed) => {
    const asked = indexedDB.open("xianli-visits", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("files", { keyPath: "key" });
    asked.onsuccess = () => opened(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const onShelf = async (mode, act) => {
    const store = (await shelf).transaction("files", mode).objectStore("files");
    return new Promise((done, failed) => {
      const asked = act(store);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  };

  // What is typed: kept at every change, put back when the page opens, gone once it was taken.
  const KEPT = [...form.elements].filter((field) => field.name && field.name !== "csrftoken");
  const remember = () => {
    const draft = {};
    for (const field of KEPT) {
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.checked) (draft[field.name] ||= []).push(field.value);
      } else draft[field.name] = field.value;
    }
    localStorage.setItem(DRAFT, JSON.stringify(draft));
  };
  const recall = () => {
    const draft = JSON.parse(localStorage.getItem(DRAFT) || "{}");
    for (const field of KEPT) {
      const kept = draft[field.name];
      if (kept === undefined) continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = kept.includes(field.value);
      else field.value = kept;
    }
  };
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith("xianli-visit:") && !name.startsWith(`xianli-visit:${owner}:`)) localStorage.removeItem(name);
  }
  onShelf("readonly", (store) => store.getAll()).then((files) => {
    for (const file of files) if (file.owner !== owner) onShelf("readwrite", (store) => store.delete(file.key));
  });
  recall();
  form.elements.key.value ||= crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  remember();
  form.addEventListener("input", remember);

  const signing = document.getElementById("signing");
  const showSigning = () => { signing.hidden = form.elements.outcome.value !== "handed_over"; };
  form.addEventListener("change", showSigning);
  showSigning();

  const lines = new Map();
  const line = (file) => {
    if (lines.has(file.key)) return lines.get(file.key);
    const item = document.createElement("li"), name = document.createElement("span"), bar = document.createElement("progress"), word = document.createElement("span");
    name.textContent = file.name;
    bar.max = file.blob.size;
    bar.value = 0;
    word.textContent = say.waits;
    item.append(name, bar, word);
    list.append(item);
    lines.set(file.key, { item, bar, word });
    return lines.get(file.key);
  };

  class Refused extends Error {}
  const ask = async (path, options) => {
    const answer = await fetch(path, { redirect: "manual", ...options, headers: { ...headers, ...options.headers } });
    if (answer.type === "opaqueredirect" || answer.status === 403) {
      status.textContent = say.login;
      throw new Error("logged out");
    }
    const said = await answer.json();
    if (answer.status === 409 || answer.ok) return said;
    if (answer.status === 404 || answer.status === 422) throw new Refused(said.error || said.detail);
    throw new Error(said.error || answer.status);
  };

  const send = async (file) => {
    const shown = line(file), about = new URLSearchParams({ key: file.key, kind: file.kind, shot: file.shot, size: file.blob.size });
    let known = await ask(`/visits/${task}/uploads`, { method: "POST", body: about });
    while (!known.exhibit) {
      shown.bar.value = known.offset;
      const piece = file.blob.slice(known.offset, known.offset + PIECE);
      const answer = await ask(`/visits/uploads/${known.id}`, { method: "PATCH", headers: { "Upload-Offset": String(known.offset), "Content-Type": "application/offset+octet-stream" }, body: piece });
      known = { ...known, ...answer };
    }
    shown.bar.value = file.blob.size;
    shown.item.className = "kept";
    shown.word.textContent = say.kept;
    await onShelf("readwrite", (store) => store.delete(file.key));
  };

  let sending = null;
  const sendAll = () => (sending ||= (async () => {
    try {
      for (const file of (await onShelf("readonly", (store) => store.getAll())).filter((each) => each.task === task && each.owner === owner)) {
        try {
          await send(file);
        } catch (refused) {
          if (!(refused instanceof Refused)) throw refused;
          const shown = line(file);
          shown.item.className = "refused";
          shown.word.textContent = refused.message;
          await onShelf("readwrite", (store) => store.delete(file.key));
        }
      }
      return true;
    } catch {
      if (!status.textContent) status.textContent = say.offline;
      setTimeout(sendAll, AGAIN);
      return false;
    } finally {
      sending = null;
    }
  })());

  const bring = async (blob, kind, shot, name) => {
    const key = `${kind}-${Date.now()}-${Math.random().toString(36).slice(2)}`;
    await onShelf("readwrite", (store) => store.put({ key, task, owner, kind, shot, name, blob }));
    line({ key, name, blob });
    status.textContent = "";
    if (sending) await sending;
    return sendAll();
  };
  const bringChosen = async (choice) => {
    for (const file of choice.files) await bring(file, "photo", choice.dataset.shot, choice.parentElement.textContent.trim());
    choice.value = "";
  };
  for (const choice of form.querySelectorAll("input[type=file]")) {
    choice.addEventListener("change", () => bringChosen(choice));
    if (choice.files.length) bringChosen(choice); // it was chosen while this script was still on its way
  }

  // The signature: drawn with finger, pen or mouse, sent as a picture.
  const pad = document.getElementById("signature"), pen = pad.getContext("2d"), signed = document.getElementById("signed");
  let drawn = false, down = false;
  pen.lineWidth = 4;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#111";
  const at = (event) => {
    const box = pad.getBoundingClientRect();
    return [(event.clientX - box.left) * (pad.width / box.width), (event.clientY - box.top) * (pad.height / box.height)];
  };
  pad.addEventListener("pointerdown", (event) => {
    down = drawn = true;
    pad.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...at(event));
  });
  pad.addEventListener("pointermove", (event) => {
    if (!down) return;
    pen.lineTo(...at(event));
    pen.stroke();
  });
  for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => { down = false; });
  document.getElementById("clear").addEventListener("click", () => {
    pen.clearRect(0, 0, pad.width, pad.height);
    drawn = false;
    signed.textContent = "";
  });
  const keepSignature = async () => {
    drawn = false;
    const blob = await new Promise((made) => { pad.toBlob(made, "image/png"); });
    signed.textContent = say.saved;
    if (await bring(blob, "signature", "", signing.querySelector("legend").textContent)) signed.textContent = say.kept;
  };
  document.getElementById("sign").addEventListener("click", () => {
    if (drawn) keepSignature();
    else signed.textContent = say.sign;
  });

  document.getElementById("locate").addEventListener("click", () => {
    const located = document.getElementById("located");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.latitude.value = coords.latitude.toFixed(5);
        form.elements.longitude.value = coords.longitude.toFixed(5);
        form.elements.accuracy.value = String(Math.round(coords.accuracy));
        located.textContent = say.place.replace("%s", form.elements.accuracy.value);
        remember();
      },
      () => { located.textContent = say.noplace; },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });

  // The report goes last, after what was brought; until the house has it, it is tried again by itself.
  let trying = false;
  const report = async () => {
    trying = true;
    if (drawn && !signing.hidden) await keepSignature();
    status.textContent = say.sending;
    if (sending) await sending;
    if (!(await sendAll())) {
      status.textContent = say.offline;
      return setTimeout(report, AGAIN);
    }
    try {
      const answer = await ask(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      localStorage.removeItem(DRAFT);
      location.assign(answer.next);
    } catch (refused) {
      if (refused instanceof Refused) {
        status.textContent = refused.message;
        trying = false;
        return;
      }
      if (status.textContent !== say.login) status.textContent = say.offline;
      setTimeout(report, AGAIN);
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (trying) return;
    form.elements.device_at.value = new Date().toISOString();
    remember();
    report();
  });
  window.addEventListener("online", () => { if (!trying) { status.textContent = ""; sendAll(); } });
  sendAll();
})();
