# Prints what Python's own parser says of files: one JSON object a line. The
# files are arguments, or all *.py below a folder.
import ast
import json
import os
import sys
import warnings

warnings.simplefilter("ignore")


def dotted(node):
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return left and left + "." + node.attr
    return node.id if isinstance(node, ast.Name) else None


def literal(node):
    try:
        value = ast.literal_eval(node)
    except Exception:
        return None
    return value if isinstance(value, str) and value.isprintable() else None


def parameters(a):
    out = []
    ordered = a.posonlyargs + a.args
    for i, arg in enumerate(ordered):
        kind = 0 if i < len(a.posonlyargs) else 1
        out.append([arg.arg, kind, len(ordered) - i <= len(a.defaults)])
    if a.vararg:
        out.append([a.vararg.arg, 2, False])
    for arg, default in zip(a.kwonlyargs, a.kw_defaults):
        out.append([arg.arg, 3, default is not None])
    if a.kwarg:
        out.append([a.kwarg.arg, 4, False])
    return out


def blocks(node):
    for name in ("body", "handlers", "orelse", "finalbody", "cases"):
        yield from getattr(node, name, [])


def scope(body, conditional=False):
    out = []
    for node in body:
        if isinstance(node, ast.ClassDef):
            out.append(["class", node.name, [dotted(b) for b in node.bases], scope(node.body), len(node.decorator_list)])
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            out.append(["def", node.name, parameters(node.args), isinstance(node, ast.AsyncFunctionDef), len(node.decorator_list), conditional])
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            out.append(["=", node.targets[0].id, literal(node.value)])
        elif list(blocks(node)):
            out += scope(blocks(node), True)
    return out


def imports(tree):
    out = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            out += [[a.name, 0, "", a.asname or a.name.split(".")[0], node.lineno] for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            out += [[node.module or "", node.level, a.name, a.asname or ("" if a.name == "*" else a.name), node.lineno] for a in node.names]
    return sorted(out, key=lambda i: (i[4], i[0], i[2], i[3]))


def describe(path):
    with open(path, "rb") as file:
        text = file.read()
    try:
        text.decode()
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {"path": path, "valid": False}
    return {"path": path, "valid": True, "scope": scope(tree.body), "imports": imports(tree)}


def files(name):
    if os.path.isfile(name):
        yield name
    for folder, folders, names in os.walk(name):
        folders[:] = sorted(f for f in folders if f != "site-packages")
        yield from (os.path.join(folder, n) for n in sorted(names) if n.endswith(".py"))


for name in sys.argv[1:]:
    for path in files(name):
        print(json.dumps(describe(path)))
