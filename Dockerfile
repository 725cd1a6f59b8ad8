# The same image for every service of docker-compose.yaml. The lock decides what is in it, as everywhere else.
# The base is pinned by tag; to pin its bytes, pass the digest that your registry names:
#   docker build --build-arg PYTHON_IMAGE=python:3.12.12-slim-bookworm@sha256:... .
# For Kubernetes: --build-arg LOCK=requirements-kubernetes.txt (docs/deployment.md).
ARG PYTHON_IMAGE=python:3.12.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG LOCK=requirements.txt
WORKDIR /opt/airflow
COPY requirements.txt requirements-kubernetes.txt ./
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes -r "$LOCK"
COPY pyproject.toml README.md LICENSE ./
COPY include include
COPY plugins plugins
COPY dags dags
RUN pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --editable . \
 && python -m compileall -q include plugins dags

FROM ${PYTHON_IMAGE}
# No compiler and no installer: what is in the image when it is built is all that there will be.
RUN apt-get update \
 && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-fra libseccomp2 \
 && rm -rf /var/lib/apt/lists/* \
 && python -m pip uninstall --yes pip \
 && rm -rf /usr/local/lib/python3.*/ensurepip

# The folders exist before volumes are mounted on them, so that the volumes take over their owner. The empty airflow.cfg
# keeps Airflow from writing one beside the program, where nothing can be written.
RUN useradd --uid 50000 --gid 0 --home-dir /opt/airflow --no-create-home airflow \
 && install -d -m 0755 /opt/airflow \
 && install -d -o airflow -g 0 -m 0775 /opt/airflow/logs /srv/chorus /srv/chorus/files \
 && touch /opt/airflow/airflow.cfg

COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/airflow /opt/airflow

WORKDIR /opt/airflow
# What programs keep for themselves goes to the one place that every container may write: /tmp.
ENV AIRFLOW_HOME=/opt/airflow \
    PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER airflow
