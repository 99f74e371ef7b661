"""wenduan 文段: search over saved Chinese pages."""
