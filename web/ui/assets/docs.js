// Shows the description of the API; the bundle before it brings what is called here.
/** @type {any} */
const page = window
page.SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null })
