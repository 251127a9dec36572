"""Serve the page: `python app.py` is `policyqa serve`."""

from policyqa.settings import load_settings
from policyqa.web.server import serve

serve(load_settings())
