using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ModelCompiler.Json;

namespace ModelCompiler.Manifests;

/// <summary>Reads a manifest and checks everything that its users rely on, so that they need not.</summary>
internal static class ManifestReader
{
    private const int MaxRank = 64;
    private const int Sha256Digits = 64;

    /// <summary>False when the text is no manifest of this version; <paramref name="error"/> then says why.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out ModelManifest? manifest, [NotNullWhen(false)] out string? error)
    {
        try
        {
            manifest = ReadManifest(JsonReader.Parse(text));
            error = null;
            return true;
        }
        catch (JsonFormatException e)
        {
            manifest = null;
            error = e.Message;
            return false;
        }
    }

    private static ModelManifest ReadManifest(JsonValue root)
    {
        long version = root["schemaVersion"].AsInt64();
        if (version != ModelManifest.CurrentSchemaVersion)
        {
            string expected = ModelManifest.CurrentSchemaVersion.ToString(CultureInfo.InvariantCulture);
            throw root["schemaVersion"].Fault(expected + "; rebuild the project so that one version of ModelCompiler writes and reads it");
        }

        return new ModelManifest
        {
            Name = ReadFileName(root["name"]),
            ClassName = root["className"].AsStringOrNull(),
            Namespace = root["namespace"].AsString(),
            IsPublic = ReadIsPublic(root["accessibility"]),
            ToolVersion = root["toolVersion"].AsString(),
            MinimumRuntimeVersion = ReadVersion(root["minimumRuntimeVersion"]),
            MinimumOrtApiVersion = root["minimumOrtApiVersion"].AsCount(),
            IsEmbedded = ReadIsEmbedded(root["link"]),
            Model = ReadFile(root["model"]),
            ExternalData = ReadArray(root["externalData"], ReadFile),
            Source = ReadFile(root["source"]),
            Precision = root["precision"].AsString(),
            ExecutionProviders = ReadArray(root["executionProviders"], provider => provider.AsString()),
            ProviderOptions = ReadArray(root["providerOptions"], option => new ManifestProviderOption(option["provider"].AsString(), option["name"].AsString(), option["value"].AsString())),
            HostNodes = ReadArray(root["hostNodes"], node => node.AsString()),
            NeedsExactIntegers = root["exactIntegers"].AsBoolean(),
            Opset = root["opset"].AsCount(),
            Inputs = ReadArray(root["inputs"], ReadValue),
            Outputs = ReadArray(root["outputs"], ReadValue),
            Batch = ReadBatch(root["batch"]),
        };
    }

    private static bool ReadIsPublic(JsonValue json) => json.AsString() switch
    {
        "public" => true,
        "internal" => false,
        _ => throw json.Fault("public or internal"),
    };

    private static bool ReadIsEmbedded(JsonValue json) => json.AsString() switch
    {
        "embedded" => true,
        "file" => false,
        _ => throw json.Fault("file or embedded"),
    };

    private static string ReadVersion(JsonValue json) =>
        Version.TryParse(json.AsString(), out _) ? json.AsString() : throw json.Fault("a version");

    private static ManifestFile ReadFile(JsonValue json)
    {
        long bytes = json["bytes"].AsInt64();
        string hash = json["sha256"].AsString();
        bool isHash = hash.Length == Sha256Digits && hash.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));
        return new ManifestFile(
            ReadFileName(json["file"]),
            bytes >= 0 ? bytes : throw json["bytes"].Fault("a length"),
            isHash ? hash : throw json["sha256"].Fault("64 lower-case hexadecimal digits"));
    }

    /// <summary>A name that cannot leave its directory on any system.</summary>
    private static string ReadFileName(JsonValue json)
    {
        string name = json.AsString();
        bool isPlain = name.Length > 0 && name is not ("." or "..") && name.IndexOfAny(['/', '\\', '\0']) < 0;
        return isPlain ? name : throw json.Fault("a file name without a directory");
    }

    private static ManifestValue ReadValue(JsonValue json) => new()
    {
        Name = json["name"].AsString(),
        Member = json["member"].AsStringOrNull(),
        Kind = ReadEnum<ManifestValueKind>(json["kind"]),
        KeyType = json["keyType"].IsNull ? null : ReadEnum<ManifestElementType>(json["keyType"]),
        ElementType = ReadEnum<ManifestElementType>(json["type"]),
        Shape = json["shape"].IsNull ? null : ReadShape(json["shape"]),
        HasDefault = json["hasDefault"].AsBoolean(),
        State = json["state"].AsStringOrNull(),
        Labels = ReadArray(json["labels"], ReadLabel),
        Image = json["image"].IsNull ? null : ReadImage(json["image"]),
        Doc = json["doc"].AsStringOrNull(),
    };

    /// <summary>Labels are lines of a file, and travel as such.</summary>
    private static string ReadLabel(JsonValue json) =>
        json.AsString().IndexOf('\n') < 0 ? json.AsString() : throw json.Fault("one line");

    private static ManifestImage ReadImage(JsonValue json) => new(
        ReadEnum<ManifestPixelOrder>(json["order"]), ReadEnum<ManifestImageFit>(json["fit"]), ReadCountOrNull(json["width"]), ReadCountOrNull(json["height"]));

    private static ManifestBatch ReadBatch(JsonValue json) => new(
        ReadCountOrNull(json["size"]), json["max"].AsCount() is > 0 and var max ? max : throw json["max"].Fault("above 0"), json["windowMicroseconds"].AsCount());

    private static int? ReadCountOrNull(JsonValue json) => json.IsNull ? null : json.AsCount() is > 0 and var count ? count : throw json.Fault("above 0");

    private static EquatableArray<ManifestDimension> ReadShape(JsonValue json) =>
        json.Items.Count <= MaxRank ? ReadArray(json, ReadDimension) : throw json.Fault("at most 64 dimensions");

    private static ManifestDimension ReadDimension(JsonValue json) => json.Kind switch
    {
        JsonKind.Null => ManifestDimension.Unknown,
        JsonKind.String => ManifestDimension.Symbolic(json.AsString()),
        _ => json.AsInt64() is >= 0 and var value ? ManifestDimension.Fixed(value) : throw json.Fault("a dimension"),
    };

    private static T ReadEnum<T>(JsonValue json)
        where T : struct, Enum =>
        ManifestNames.TryParse(json.AsString(), out T value) ? value : throw json.Fault("a known " + typeof(T).Name);

    private static EquatableArray<T> ReadArray<T>(JsonValue json, Func<JsonValue, T> read)
        where T : IEquatable<T> => new(json.Items.Select(read));
}
