vim.bo.commentstring = "# %s"
vim.bo.expandtab = true
vim.bo.shiftwidth = 2
vim.bo.softtabstop = 2
-- Without a compiled parser, only the language server colours the text.
pcall(vim.treesitter.start)
