"""The page and the server. Importing this package keeps Gradio and model hubs off the network."""

import os

# Gradio and huggingface_hub look outside at import or start-up unless told not to.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("HF_HUB_OFFLINE", "1")
