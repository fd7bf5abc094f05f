// validatorUrl null: the badge would send this document's address to another host.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#explorer",
  deepLinking: true,
  validatorUrl: null,
});
