"""Presidio's recognisers and engines behind the `Detector` protocol. Imported only if a user asks for it."""
