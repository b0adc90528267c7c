;; Writes what Emacs shows of a description as JSON.  -*- lexical-binding: t; -*-
(load (expand-file-name "~/.emacs.d/init.el"))
(require 'eglot)
(require 'json)
(setq eglot-sync-connect t)
(find-file (getenv "IMGC_TEST_SPEC"))
(font-lock-ensure)

(defvar mode major-mode)

(defun face-of (word)
  (save-excursion
    (goto-char (point-min))
    (search-forward word)
    (let ((face (get-text-property (match-beginning 0) 'face)))
      (format "%s" (if (consp face) (car face) face)))))

(defvar faces
  (mapcar (lambda (word) (cons word (face-of word)))
          '("A comment" "let" "runtime" "packages" "$runtime" "nix ''" "hello.over" "copy" "0644" "env" "user" "${hello}")))

(defvar diagnostics
  (progn
    (unless (eglot-managed-p) (call-interactively #'eglot))
    (with-timeout (20 nil)
      (while (null (flymake-diagnostics))
        (accept-process-output nil 0.1)
        (flymake-start)))
    (mapcar (lambda (each) (flymake-diagnostic-text each)) (flymake-diagnostics))))

(defvar indented
  (with-temp-buffer
    (insert "image \"a\" {\npackages [\nhello\n]\nconfig { env {\nA ''\n   x { [\n''\n} }\n# {\n}\n")
    (imgspec-mode)
    (indent-region (point-min) (point-max))
    (split-string (buffer-string) "\n" t)))

(defvar commented
  (with-temp-buffer
    (insert "let a = b\n")
    (imgspec-mode)
    (comment-region (point-min) (point-max))
    (string-trim (buffer-string))))

(with-temp-file (getenv "IMGC_TEST")
  (insert (json-encode `((mode . ,mode) (faces . ,faces) (diagnostics . ,(vconcat diagnostics))
                         (indented . ,(vconcat indented)) (commented . ,commented)))))
(kill-emacs 0)
