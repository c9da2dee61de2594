"""The one entrance: `/api/<service>/v1/...` to the service, discovery, the merged API document.

It owns no tables and no topics. It checks the token, the size and the time of a request, gives it its ids and passes it on as it
came; every service checks again for itself.
"""
