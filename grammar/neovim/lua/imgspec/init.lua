local M = {}

--- The indentation of a line, from the brackets of the line and of the line before.
function M.indent()
  local previous = vim.fn.prevnonblank(vim.v.lnum - 1)
  local opens = vim.fn.getline(previous):match("[{%[]%s*$") or vim.fn.getline(previous):match("[{%[]%s*#[^\"]*$")
  local closes = vim.fn.getline(vim.v.lnum):match("^%s*[}%]]")
  local step = (opens and 1 or 0) - (closes and 1 or 0)
  return vim.fn.indent(previous) + step * vim.fn.shiftwidth()
end

return M
