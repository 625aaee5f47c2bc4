#!/usr/bin/env python3
"""Prints the polynomials and constants of native/kernels/math/{exponential,logarithm,trigonometric,error-function}-inl.h: Chebyshev
interpolants and split constants, computed with mpmath at 60 digits. Usage: python3 test/goldens/fit-vector-math.py"""
import mpmath as mp
mp.mp.dps=60
def fit(f,a,b,deg):
    # Chebyshev interpolation on [a,b] -> monomial coefficients
    n=deg+1; a=mp.mpf(a); b=mp.mpf(b)
    xs=[(a+b)/2+(b-a)/2*mp.cos(mp.pi*(2*i+1)/(2*n)) for i in range(n)]
    A=mp.matrix(n,n); y=mp.matrix(n,1)
    for i,x in enumerate(xs):
        for j in range(n): A[i,j]=x**j
        y[i]=f(x)
    c=mp.lu_solve(A,y)
    err=max(abs(sum(c[j]*x**j for j in range(n))-f(x)) for x in [a+(b-a)*i/200 for i in range(201)])
    return [c[j] for j in range(n)],err
def series0(f):
    def g(z):
        return f(z)
    return g
def show(name,c,err):
    print(f"// error below {mp.nstr(err,3)}")
    print(f"constexpr double {name}[] = {{"+", ".join(float(v).hex() for v in c)+"};")
L=mp.log(2)/2
def expq(r):  # (e^r-1-r-r^2/2)/r^3
    return mp.mpf(1)/6 if abs(r)<1e-20 else (mp.expm1(r)-r-r**2/2)/r**3
def z(fn):
    def g(t):
        t = t if t!=0 else mp.mpf(10)**-25
        return fn(t)
    return g
show("expTail",*fit(z(expq),-L*1.001,L*1.001,9))
q=(mp.pi/4*1.001)**2
show("sinTail",*fit(z(lambda t:(mp.sin(mp.sqrt(t))/mp.sqrt(t)-1)/t),0,q,5))
show("cosTail",*fit(z(lambda t:(mp.cos(mp.sqrt(t))-1+t/2)/t**2),0,q,5))
s=((mp.sqrt(2)-1)/(mp.sqrt(2)+1))**2*1.02
# log((1+s)/(1-s)) = 2s + s^3*R(s^2)
show("logTail",*fit(z(lambda t:(mp.log((1+mp.sqrt(t))/(1-mp.sqrt(t)))/mp.sqrt(t)-2)/t),0,s,6))
# (R(t) - 2/3) / t, for the precise logarithm
def logRest(t):
    r=mp.sqrt(t); return ((mp.log((1+r)/(1-r))/r-2)/t-mp.mpf(2)/3)/t
show("logTailRest",*fit(lambda t:logRest(t if t!=0 else mp.mpf(10)**-12),0,s,7))
show("atanTail",*fit(z(lambda t:(mp.atan(mp.sqrt(t))/mp.sqrt(t)-1)/t),0,(mp.sqrt(2)-1)**2*1.001,10))
show("asinTail",*fit(z(lambda t:(mp.asin(mp.sqrt(t))/mp.sqrt(t)-1)/t),0,0.2501,13))
show("erfSmall",*fit(z(lambda t:mp.erf(mp.sqrt(t))/mp.sqrt(t)),0,1.0,13))
show("geluSmall",*fit(z(lambda t:mp.erf(mp.sqrt(t/2))/mp.sqrt(t)/2),0,0.5,8))
def ex(t):
    a=4*(1+t)/(1-t) if t<1 else None
    if a is None: return 2/mp.sqrt(mp.pi)
    if a>1e8: return (1+2*a)*(1/(a*mp.sqrt(mp.pi)))*(1-1/(2*a*a))
    return (1+2*a)*mp.exp(a*a)*mp.erfc(a)
show("erfcxTail",*fit(ex,-1,1,26))
for nm,v in dict(ln2=mp.log(2),invln10=1/mp.log(10),invln2=1/mp.log(2),pio2=mp.pi/2,twooverpi=2/mp.pi,pi=mp.pi,ln10=mp.log(10),isqrt2=mp.sqrt(mp.mpf(1)/2), twoOverSqrtPi=2/mp.sqrt(mp.pi)).items():
    h=float(v); l=float(v-mp.mpf(h)); l2=float(v-mp.mpf(h)-mp.mpf(l)); print(nm,h.hex(),l.hex(),l2.hex())
def cut(v,bits):
    m,e=mp.frexp(v); return float(mp.ldexp(mp.floor(mp.ldexp(m,bits)),e-bits))
for nm,v in dict(ln2=mp.log(2),log10of2=mp.log10(2)).items():
    c=cut(v,42); print(nm,"parts",c.hex(),float(v-mp.mpf(c)).hex())
x=2/mp.pi; mp.mp.dps=400; x=mp.floor(2/mp.pi*mp.mpf(2)**1216); xi=int(x); print("2/pi words",",".join(hex((xi>>(1216-64*(i+1)))&(2**64-1))+"u" for i in range(19)))
