"""What is true of every Zhihu page, whoever saved it: how answers begin and end, what is chrome."""
