using ModelCompiler.Json;

namespace ModelCompiler.Manifests;

/// <summary>Writes a manifest as ASCII JSON; equal manifests have equal bytes.</summary>
internal static class ManifestWriter
{
    public static string Write(ModelManifest manifest)
    {
        var json = new JsonWriter().BeginObject();
        json.Name("schemaVersion").Value(ModelManifest.CurrentSchemaVersion);
        json.Name("name").Value(manifest.Name);
        json.Name("className").Value(manifest.ClassName);
        json.Name("namespace").Value(manifest.Namespace);
        json.Name("accessibility").Value(manifest.IsPublic ? "public" : "internal");
        json.Name("toolVersion").Value(manifest.ToolVersion);
        json.Name("minimumRuntimeVersion").Value(manifest.MinimumRuntimeVersion);
        json.Name("minimumOrtApiVersion").Value(manifest.MinimumOrtApiVersion);
        json.Name("link").Value(manifest.IsEmbedded ? "embedded" : "file");
        WriteFile(json.Name("model"), manifest.Model);
        WriteArray(json.Name("externalData"), manifest.ExternalData, WriteFile);
        WriteFile(json.Name("source"), manifest.Source);
        json.Name("precision").Value(manifest.Precision);
        WriteArray(json.Name("executionProviders"), manifest.ExecutionProviders, (j, provider) => j.Value(provider));
        WriteArray(json.Name("providerOptions"), manifest.ProviderOptions, WriteProviderOption);
        WriteArray(json.Name("hostNodes"), manifest.HostNodes, (j, node) => j.Value(node));
        json.Name("exactIntegers").Value(manifest.NeedsExactIntegers);
        json.Name("opset").Value(manifest.Opset);
        WriteArray(json.Name("inputs"), manifest.Inputs, WriteValue);
        WriteArray(json.Name("outputs"), manifest.Outputs, WriteValue);
        WriteBatch(json.Name("batch"), manifest.Batch);
        return json.EndObject().ToString();
    }

    private static void WriteFile(JsonWriter json, ManifestFile file)
    {
        json.BeginObject();
        json.Name("file").Value(file.Name);
        json.Name("bytes").Value(file.Bytes);
        json.Name("sha256").Value(file.Sha256);
        json.EndObject();
    }

    private static void WriteProviderOption(JsonWriter json, ManifestProviderOption option)
    {
        json.BeginObject();
        json.Name("provider").Value(option.Provider);
        json.Name("name").Value(option.Name);
        json.Name("value").Value(option.Value);
        json.EndObject();
    }

    private static void WriteValue(JsonWriter json, ManifestValue value)
    {
        json.BeginObject();
        json.Name("name").Value(value.Name);
        json.Name("member").Value(value.Member);
        json.Name("kind").Value(ManifestNames.Of(value.Kind));
        json.Name("keyType").Value(value.KeyType is { } key ? ManifestNames.Of(key) : null);
        json.Name("type").Value(ManifestNames.Of(value.ElementType));
        json.Name("shape");
        if (value.Shape is { } shape)
        {
            WriteArray(json, shape, WriteDimension);
        }
        else
        {
            json.Value((string?)null);
        }

        json.Name("hasDefault").Value(value.HasDefault);
        json.Name("state").Value(value.State);
        WriteArray(json.Name("labels"), value.Labels, (j, label) => j.Value(label));
        json.Name("image");
        WriteImage(json, value.Image);
        json.Name("doc").Value(value.Doc);
        json.EndObject();
    }

    private static void WriteImage(JsonWriter json, ManifestImage? image)
    {
        if (image is null)
        {
            json.Value((string?)null);
            return;
        }

        json.BeginObject();
        json.Name("order").Value(ManifestNames.Of(image.Order));
        json.Name("fit").Value(ManifestNames.Of(image.Fit));
        json.Name("width").Value(image.Width);
        json.Name("height").Value(image.Height);
        json.EndObject();
    }

    private static void WriteBatch(JsonWriter json, ManifestBatch batch)
    {
        json.BeginObject();
        json.Name("size").Value(batch.Size);
        json.Name("max").Value(batch.Max);
        json.Name("windowMicroseconds").Value(batch.WindowMicroseconds);
        json.EndObject();
    }

    private static void WriteDimension(JsonWriter json, ManifestDimension dimension)
    {
        if (dimension.Value is { } number)
        {
            json.Value(number);
        }
        else
        {
            json.Value(dimension.Symbol);
        }
    }

    private static void WriteArray<T>(JsonWriter json, EquatableArray<T> items, Action<JsonWriter, T> write)
        where T : IEquatable<T>
    {
        json.BeginArray();
        foreach (var item in items)
        {
            write(json, item);
        }

        json.EndArray();
    }
}
