// Buttons that copy the text of another element (data-copy: its id). They stay hidden
// where a page may not write to the clipboard; the text is selected by one click anyway.

const SAID_FOR = 2000;

async function copy(button) {
  const label = button.firstChild;
  const before = label.data;
  try {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    label.data = "Copied";
  } catch {
    label.data = "Not copied";
  }
  button.disabled = true;
  setTimeout(() => {
    label.data = before;
    button.disabled = false;
  }, SAID_FOR);
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}
