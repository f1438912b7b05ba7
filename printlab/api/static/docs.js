// Boots the API's documentation; a file of its own, because inline scripts are not allowed here.
window.addEventListener("load", () => {
  window.SwaggerUIBundle({
    url: document.getElementById("docs").dataset.spec,
    dom_id: "#docs",
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: "list",
    validatorUrl: null,
  });
});
