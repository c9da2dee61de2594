"use strict";
// The browser's part of a passkey: ask for options, let the authenticator answer, send the answer with the form.
(() => {
  const form = document.getElementById("passkey");
  const said = document.getElementById("passkey-said");
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  if (!window.PublicKeyCredential) {
    said.textContent = form.dataset.unsupported;
    return;
  }
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "";
    try {
      const answer = await fetch(form.dataset.options, { method: "POST", credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const publicKey = await answer.json();
      publicKey.challenge = bytes(publicKey.challenge);
      for (const one of [...(publicKey.allowCredentials || []), ...(publicKey.excludeCredentials || [])]) one.id = bytes(one.id);
      if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
      const made = await (publicKey.user ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
      const response = {};
      for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
        if (made.response[name]) response[name] = text(made.response[name]);
      }
      form.elements.credential.value = JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
      form.submit();
    } catch (error) {
      said.textContent = form.dataset.failed;
    }
  });
})();
