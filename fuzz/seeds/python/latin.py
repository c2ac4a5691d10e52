# -*- coding: latin-1 -*-
x = 'é'
def handler(e, c): return x
