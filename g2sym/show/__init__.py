"""Pictures, tables and texts for people: untrusted text is shown, never interpreted."""
