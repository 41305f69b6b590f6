// Copies a feed's address, where the browser lets pages do that.

const told = document.querySelector("[data-copied]");

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  field.addEventListener("focus", () => field.select());
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
    told.textContent = "The address is copied.";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}
