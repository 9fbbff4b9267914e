// The contract, rendered from the copy that this very server publishes.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';

SwaggerUI({
  url: '/openapi.yaml',
  dom_id: '#swagger',
  deepLinking: true,
  tryItOutEnabled: true,
  // No outside validator: nothing on this page leaves the server it came from.
  validatorUrl: null,
});
