"""The routes by which a partner's administrators connect programs: API keys and webhooks."""

from chalicelib.web.http.routing import Route

ADMINS = frozenset({"incentives_admin"})

# fmt: off
INTEGRATION_ROUTES = (
    # The organisation's API keys
    Route("GET /v1/api-keys", "api.api_keys:list_api_keys", ADMINS, "The organisation's API keys"),
    Route("POST /v1/api-keys", "api.api_keys:create_api_key", ADMINS,
          "Make an API key", creates=True),
    Route("DELETE /v1/api-keys/{key_id}", "api.api_keys:revoke_api_key", ADMINS,
          "Revoke an API key", status=204),
    # The organisation's webhook endpoints
    Route("GET /v1/webhook-endpoints", "api.webhook_endpoints:list_endpoints", ADMINS,
          "Where the organisation's events are posted to"),
    Route("POST /v1/webhook-endpoints", "api.webhook_endpoints:create_endpoint", ADMINS,
          "Make a webhook endpoint", creates=True),
    Route("GET /v1/webhook-endpoints/{endpoint_id}", "api.webhook_endpoints:show_endpoint", ADMINS,
          "One endpoint"),
    Route("PATCH /v1/webhook-endpoints/{endpoint_id}", "api.webhook_endpoints:change_endpoint",
          ADMINS, "Change an endpoint (merge patch)", problems=(422,)),
    Route("DELETE /v1/webhook-endpoints/{endpoint_id}", "api.webhook_endpoints:delete_endpoint",
          ADMINS, "Delete an endpoint", status=204),
    Route("POST /v1/webhook-endpoints/{endpoint_id}/rotate-secret",
          "api.webhook_endpoints:rotate_secret", ADMINS, "Make a new secret"),
    Route("POST /v1/webhook-endpoints/{endpoint_id}/test", "api.webhook_endpoints:test_endpoint",
          ADMINS, "Post a test event"),
    Route("GET /v1/webhook-endpoints/{endpoint_id}/deliveries",
          "api.webhook_endpoints:list_deliveries", ADMINS, "What was posted, newest first"),
    Route("POST /v1/webhook-endpoints/{endpoint_id}/deliveries/{event_id}/resend",
          "api.webhook_endpoints:resend_delivery", ADMINS, "Post one event again"),
    Route("POST /v1/webhook-endpoints/{endpoint_id}/replay", "api.webhook_endpoints:replay_events",
          ADMINS, "Post the events of some time again", status=202),
    Route("POST /v1/webhook-endpoints/{endpoint_id}/enable",
          "api.webhook_endpoints:enable_endpoint", ADMINS, "Deliver again"),
    Route("POST /v1/webhook-endpoints/{endpoint_id}/disable",
          "api.webhook_endpoints:disable_endpoint", ADMINS, "Deliver nothing"),
)
# fmt: on
