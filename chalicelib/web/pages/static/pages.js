// What the pages do in the browser besides htmx. Everything but uploading works without it.

// The summary of what is wrong gets the focus, so that it is read first.
document.querySelector(".errors[role=alert]")?.focus();
