"""What an index withstands: damage, kills, full disks, many readers, long use, hostile input."""
