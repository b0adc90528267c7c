vim.bo.indentexpr = "v:lua.require'imgspec'.indent()"
vim.bo.indentkeys = "o,O,0},0]"
