import orjson, pytest, schemathesis
from hypothesis import settings as hs, HealthCheck, given, strategies as st
from tests.catalog.sample import item
async def test_doc(catalog, admin):
    doc=(await catalog.http.get("/openapi.json")).json()
    open("/tmp/h4_openapi.json","wb").write(orjson.dumps(doc))
    from openapi_spec_validator import validate
    validate(doc)
    schema=schemathesis.openapi.from_dict(doc)
    import itertools, warnings
    bad=[]
    for r in schema.get_all_operations():
        op=r.ok()
        strat=op.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)
        cases=[]
        @hs(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(strat)
        def collect(c): cases.append(c)
        try:
            collect()
        except Exception as e:
            print("collect", op.label, repr(e)[:200])
        for c in cases:
            kw=c.as_transport_kwargs(base_url="http://x")
            path=c.formatted_path.removeprefix("/api/catalog/v1")
            body=kw.get("json"); 
            try:
                a=await catalog.http.request(kw["method"], path, params=kw.get("params"), headers={**admin, **{k:v for k,v in (kw.get("headers") or {}).items() if k.lower() not in("authorization","user-agent")}}, **({"json":body} if body is not None else {}))
            except Exception as e:
                print("client", repr(e)[:100]); continue
            if a.status_code>=500 or str(a.status_code) not in op.definition.raw["responses"]:
                bad.append((op.label,a.status_code,a.text[:300],str(body)[:300], path, kw.get("params")))
        print(op.label, len(cases))
    for b in bad[:10]: print(b)
    assert not bad
