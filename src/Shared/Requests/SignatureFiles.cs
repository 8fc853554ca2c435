namespace ModelCompiler.Requests;

/// <summary>
/// What a design-time build leaves for a model that is not compiled yet, or not anew: a provisional manifest, empty where the model has none, and the stamp of the
/// item that it holds for.
/// </summary>
internal static class SignatureFiles
{
    public const string Infix = ".signature.";

    public static string Manifest(string name) => name + Infix + "json";

    public static string Stamp(string name) => name + Infix + "stamp";
}
