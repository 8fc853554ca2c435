using System.Globalization;
using ModelCompiler.Json;

namespace ModelCompiler.Requests;

/// <summary>A <see cref="BuildRequest"/> as JSON.</summary>
internal static class BuildRequestFormat
{
    public static string Write(BuildRequest request)
    {
        var json = new JsonWriter().BeginObject();
        json.Name("version").Value(BuildRequest.CurrentVersion);
        json.Name("projectFile").Value(request.ProjectFile);
        json.Name("rootNamespace").Value(request.RootNamespace);
        json.Name("parentProcessId").Value(request.ParentProcessId);
        json.Name("isDesignTime").Value(request.IsDesignTime);
        json.Name("cache").Value(request.Cache);
        json.Name("cacheLimit").Value(request.CacheLimit);
        json.Name("timeout").Value(request.Timeout);
        json.Name("memoryLimit").Value(request.MemoryLimit);
        json.Name("items").BeginArray();
        foreach (var item in request.Items)
        {
            WriteItem(json, item);
        }

        return json.EndArray().EndObject().ToString();
    }

    /// <exception cref="JsonFormatException">The text is no request of this version.</exception>
    public static BuildRequest Read(string text)
    {
        var root = JsonReader.Parse(text);
        if (root["version"].AsInt64() != BuildRequest.CurrentVersion)
        {
            throw root["version"].Fault(BuildRequest.CurrentVersion.ToString(CultureInfo.InvariantCulture));
        }

        return new BuildRequest
        {
            ProjectFile = root["projectFile"].AsString(),
            RootNamespace = root["rootNamespace"].AsString(),
            ParentProcessId = root["parentProcessId"].AsCount(),
            IsDesignTime = root["isDesignTime"].AsBoolean(),
            Cache = root["cache"].AsString(),
            CacheLimit = root["cacheLimit"].AsCount(),
            Timeout = root["timeout"].AsCount(),
            MemoryLimit = root["memoryLimit"].AsCount(),
            Items = [.. root["items"].Items.Select(ReadItem)],
        };
    }

    private static void WriteItem(JsonWriter json, BuildRequestItem item)
    {
        json.BeginObject();
        json.Name("model").Value(item.Model);
        json.Name("name").Value(item.Name);
        json.Name("outputDirectory").Value(item.OutputDirectory);
        json.Name("stamp").Value(item.Stamp);
        json.Name("definedIn").Value(item.DefinedIn);
        json.Name("line").Value(item.Line);
        json.Name("column").Value(item.Column);
        json.Name("metadata").BeginObject();
        foreach (var pair in item.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.Name(pair.Key).Value(pair.Value);
        }

        json.EndObject().EndObject();
    }

    private static BuildRequestItem ReadItem(JsonValue json) => new()
    {
        Model = json["model"].AsString(),
        Name = json["name"].AsString(),
        OutputDirectory = json["outputDirectory"].AsString(),
        Stamp = json["stamp"].AsString(),
        DefinedIn = json["definedIn"].AsString(),
        Line = json["line"].AsCount(),
        Column = json["column"].AsCount(),
        Metadata = ReadMetadata(json["metadata"]),
    };

    /// <summary>MSBuild compares the names of metadata without regard to case, and so does the reader's dictionary.</summary>
    private static SortedDictionary<string, string> ReadMetadata(JsonValue json)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in json.Members)
        {
            metadata[pair.Key] = pair.Value.AsString();
        }

        return metadata;
    }
}
