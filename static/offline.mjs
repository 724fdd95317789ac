// Has the browser keep the site, so that it starts without a network. Whatever is in the way of that
// (a private window, storage that is refused), the page works as it does without.
const script = new URL("../../service_worker.js", import.meta.url);

const register = async () => {
  navigator.serviceWorker?.controller?.postMessage("tend");
  const registration = await navigator.serviceWorker?.register(script);
  // The browser asks for a new release at each start; a page that stays open asks now and then.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) registration?.update().catch(() => {});
  });
};

register().catch((error) => console.info("The site is not kept for use without a network:", error));
