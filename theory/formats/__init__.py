"""Files in and out: node-link JSON, GraphML, DOT and Aldebaran."""
