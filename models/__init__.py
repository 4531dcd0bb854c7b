"""Everything with parameters: subjects, networks, designs and trainers."""
