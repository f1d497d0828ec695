"""What people type: `headgate lint`, `render`, `graph`. Commands are thin; the rest is rooms."""
