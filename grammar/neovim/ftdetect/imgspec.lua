vim.filetype.add({ extension = { imgspec = "imgspec" } })
