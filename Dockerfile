# Two stages: the first installs into a virtual environment, the second carries only that.
# Build:  docker build -t recension .
# Run:    docker run --read-only --cap-drop ALL -p 8000:8000 -v recension:/data recension

FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/recension \
    && /opt/recension/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY service ./service
COPY schemas ./schemas
COPY seeds ./seeds

FROM python:3.11-slim
LABEL org.opencontainers.image.title="Recension" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --no-create-home recension \
    && install -d -o recension -g recension /data
COPY --from=build /opt/recension /opt/recension
COPY --from=build /build /srv/recension
WORKDIR /srv/recension
ENV PATH=/opt/recension/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RECENSION_BIND=0.0.0.0 \
    RECENSION_PORT=8000 \
    RECENSION_PUBLIC_URL=http://127.0.0.1:8000 \
    RECENSION_DATABASE_URL=sqlite:////data/recension.db \
    SQLITE_TMPDIR=/data \
    TMPDIR=/data
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['RECENSION_PORT'] + '/readyz', timeout=2)"]
CMD ["python", "-m", "service", "run"]
