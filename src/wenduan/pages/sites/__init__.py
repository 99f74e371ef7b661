"""One module for each kind of page; docs/readers.md tells how to add one."""
