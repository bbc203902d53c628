// Passkeys (Web Authentication, level 3): asks the browser's authenticator, and posts what it says.
//
// A form with data-passkey="create" or "get" has the options as JSON in a script element, or
// names in data-options where to get them; its button is hidden where nothing of this works.

const forms = document.querySelectorAll("form[data-passkey]");

for (const form of forms) {
  const button = form.querySelector("button[type=button]");
  if (!button || !window.PublicKeyCredential?.parseRequestOptionsFromJSON) continue;
  button.hidden = false;
  button.addEventListener("click", () => run(form, button));
}

async function run(form, button) {
  const failed = form.querySelector("[data-failed]");
  failed.hidden = true;
  button.disabled = true;
  try {
    const credential = form.dataset.passkey === "create"
      ? await create(await options(form))
      : await get(await options(form));
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  } catch {
    failed.hidden = false;
    button.disabled = false;
    button.focus();
  }
}

async function options(form) {
  if (!form.dataset.options) {
    return JSON.parse(form.querySelector("script[type='application/json']").textContent).publicKey;
  }
  const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).request_options.publicKey;
}

async function create(given) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(given);
  // A passkey that knows its owner, so that it is enough by itself.
  publicKey.authenticatorSelection = {
    ...publicKey.authenticatorSelection,
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  };
  return (await navigator.credentials.create({ publicKey })).toJSON();
}

async function get(given) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(given);
  return (await navigator.credentials.get({ publicKey })).toJSON();
}
