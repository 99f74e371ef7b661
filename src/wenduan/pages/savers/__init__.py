"""One module for each tool that saves pages; docs/readers.md tells how to add one."""
